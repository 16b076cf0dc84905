/** Random inputs of topologies. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "./random.ts"

/** How times go from one input to the next: near each other, out of order, in leaps. */
const gaps: ReadonlyArray<(random: Random) => number> = [
  (random) => random.between(-6, 12),
  (random) => random.between(-12, 9),
  (random) => random.pick([0, 0, 1, 1, 2, 5]),
  (random) => random.chance(0.1) ? random.between(50, 4000) : random.between(-10, 8),
  (random) => random.chance(0.05) ? random.between(60_000, 400_000) : random.between(-40, 40)
]

/** Where an input goes, its key and its value. */
type Fed = Readonly<Record<string, Erased>>

/** Steps of inputs that `feed` makes, with advances of the wall clock at this rate between them. */
export const steps = (random: Random, feed: () => Fed, advances: number): ReadonlyArray<Erased> => {
  const gap = random.pick(gaps)
  let largest = random.pick([0, 0, 0, 3, 100, 1_000_000])
  return Array.from({ length: random.between(8, 70) }, () => {
    if (random.chance(advances)) return { advanceWallClockMs: random.pick([0, 1, 3, 5, 10, 20, 33, 100, 1000]) }
    const timestamp = Math.max(0, largest + gap(random))
    largest = Math.max(largest, timestamp)
    return {
      in: {
        ...feed(),
        timestamp: random.chance(0.003) ? -1 : timestamp,
        ...(random.chance(0.1) ? { headers: [["h", String(random.below(50))]] } : {})
      }
    }
  })
}

const keys = ["a", "b", "c", "d"]

const values = [
  "x",
  "y",
  "z",
  "xx",
  "yyy",
  "abc",
  "foo",
  "hello",
  "x y",
  "q w e",
  "a",
  "b",
  "c",
  "d",
  "a|x",
  "b|yy",
  "c|",
  ""
]

/** Inputs of strings, for these topics. */
export const texts = (random: Random, topics: ReadonlyArray<string>, advances: number): ReadonlyArray<Erased> => {
  const nulls = random.pick([0, 0.05, 0.15])
  const used = random.some(keys, random.between(1, keys.length))
  return steps(random, () => ({
    topic: random.pick(topics),
    key: random.chance(nulls) ? null : random.pick(used),
    value: random.chance(nulls) ? null : random.pick(values)
  }), advances)
}
