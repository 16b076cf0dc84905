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

/** Headers, some of them twice or null; `to` says where `byHeader` sends a record. */
const headers = (random: Random): ReadonlyArray<readonly [string, string | null]> =>
  Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => {
    if (random.chance(0.2)) return ["to", random.pick(["out-x", "out-y"])]
    return [random.pick(["h", "h", "g"]), random.chance(0.1) ? null : String(random.below(50))]
  })

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
        timestamp: random.chance(0.0005) ? -1 : timestamp,
        ...(random.chance(0.1) ? { headers: headers(random) } : {})
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
export const texts = (random: Random, topics: ReadonlyArray<string>, advances: number): ReadonlyArray<Erased> =>
  fed(random, new Map(topics.map((topic) => [topic, "string"])), advances)

/** Inputs for topics of texts and of numbers; of these, some are no numbers at times. */
export const fed = (
  random: Random,
  topics: ReadonlyMap<string, "string" | "long">,
  advances: number
): ReadonlyArray<Erased> => {
  const nulls = random.pick([0, 0.05, 0.15])
  const used = random.some(keys, random.between(1, keys.length))
  const damaged = random.chance(0.2) ? 0.03 : 0
  const names = [...topics.keys()]
  return steps(random, () => {
    const topic = random.pick(names)
    const isText = topics.get(topic) === "string"
    // what fills a store takes no null keys
    const fillsStore = topic === "gtopic" || topic.startsWith("fills-")
    const key = !fillsStore && random.chance(nulls) ? null : random.pick(used)
    if (!isText && random.chance(damaged)) {
      return { topic, key, valueHex: random.pick(["", "00", "000102030405060708"]) }
    }
    const value = isText ? random.pick(values) : random.between(-3, 9)
    return { topic, key, value: random.chance(nulls) ? null : value }
  }, advances)
}
