/**
 * How large a run of the platform's scenario is: who takes part, how much they do, how long faults last.
 *
 * Keeps true: the seed alone decides; most runs are short and have a few clients only, so that many seeds are tried, and
 * a few are long and have them all; whoever writes into a topic that a group reads has somebody who reads it.
 * Leaves to others: what the clients do (`Cast`).
 *
 * @since 0.1.0
 */
import type { Seeded } from "../Seeded.ts"
import * as Chains from "./Chains.ts"
import * as Focus from "./Focus.ts"

/**
 * The size of a run.
 *
 * @since 0.1.0
 */
export interface Size {
  /** What faults are aimed at; nothing in particular without one. */
  readonly focus?: Focus.Name | undefined
  /** The phase with faults, in milliseconds of virtual time. */
  readonly safetyMs: number
  /** The most faults in it. */
  readonly faultsMax: number
  /** Producers of unique values, and how many values each of them sends. */
  readonly producers: number
  readonly records: number
  /** Members of the group that reads these values; none if nobody sends them. */
  readonly consumers: number
  /** Transactions, and how many clients write them, all under one transactional id; with any, somebody reads them. */
  readonly transactions: number
  readonly transactors: number
  /** Lines that are written for the instances of the app that counts exactly once; none without one. */
  readonly lines: number
  readonly apps: number
  /** How the app tells the order of the lines of a key, and how often it commits. */
  readonly chains: Chains.Name
  readonly commitIntervalMs: number
  /** Values that are sent into the ring of transactions; with any, relays take them round. */
  readonly travellers: number
  /** Instances of the app that copies the values of the producers, at least once. */
  readonly copiers: number
}

/** How long a run is: how often, and the least and the most time for faults. */
const lengths = [
  { weight: 70, lowMs: 2_000, highMs: 5_000 },
  { weight: 25, lowMs: 5_000, highMs: 10_000 },
  { weight: 5, lowMs: 10_000, highMs: 20_000 }
] as const

const safetyMsOf = (random: Seeded): number => {
  let left = random.below(lengths.reduce((sum, { weight }) => sum + weight, 0))
  for (const { highMs, lowMs, weight } of lengths) {
    if (left < weight) return random.between(lowMs, highMs)
    left -= weight
  }
  return lengths[0].lowMs
}

/** What clients do in a second when nothing is wrong: the pauses between their operations are that long. */
const recordsPerSecond = 6
const transactionsPerSecond = 2
const linesPerSecond = 3
const travellersPerSecond = 2

/** How often an app commits, exactly once: mostly as often as Kafka lets it by default. */
const commitIntervalsMs = [100, 100, 100, 500] as const

/** Who takes part at all. */
interface Cast {
  readonly hasRecords: boolean
  readonly hasTransactions: boolean
  readonly hasLines: boolean
  readonly hasTravellers: boolean
  readonly hasCopiers: boolean
}

/** Some of those whom a focus needs: all that are surely needed, and at least one. */
const focused = (random: Seeded, cast: Focus.Cast): Cast => {
  const hasCopiers = random.chance(cast.copiers)
  const hasLines = random.chance(cast.lines)
  const hasTransactions = random.chance(cast.transactions)
  const hasRecords = random.chance(cast.records) || hasCopiers
  const hasTravellers = random.chance(cast.travellers) || !(hasRecords || hasTransactions || hasLines)
  return { hasRecords, hasTransactions, hasLines, hasTravellers, hasCopiers }
}

const castOf = (random: Seeded, focus: Focus.Name | undefined): Cast => {
  if (focus !== undefined) return focused(random, Focus.castOf(focus))
  const [hasRecords, hasTransactions, hasLines] = random.pick(
    [
      [true, true, true],
      [true, true, true],
      [true, true, false],
      [true, false, true],
      [false, true, true],
      [true, false, false],
      [false, true, false],
      [false, false, true]
    ] as const
  )
  const hasTravellers = random.chance(0.25)
  const hasCopiers = hasRecords && random.chance(0.25)
  return { hasRecords, hasTransactions, hasLines, hasTravellers, hasCopiers }
}

/**
 * Draws the size of a run.
 *
 * @since 0.1.0
 */
export const draw = (random: Seeded): Size => {
  const focus = Focus.draw(random)
  const safetyMs = Math.max(safetyMsOf(random), focus === undefined ? 0 : Focus.leastMsOf(focus))
  const amount = (perSecond: number) => Math.ceil(safetyMs / 1000 * perSecond)
  const { hasCopiers, hasLines, hasRecords, hasTransactions, hasTravellers } = castOf(random, focus)
  return {
    focus,
    safetyMs,
    faultsMax: focus === undefined ? 3 + Math.ceil(safetyMs / 700) : random.pick([0, 0, 2, 4]),
    producers: hasRecords ? random.between(1, 2) : 0,
    records: amount(recordsPerSecond),
    consumers: hasRecords ? random.between(1, 2) : 0,
    transactions: hasTransactions ? amount(transactionsPerSecond) : 0,
    transactors: random.chance(focus === "decisions" ? 0.7 : 0.4) ? 2 : 1,
    lines: hasLines ? amount(linesPerSecond) : 0,
    apps: hasLines ? random.between(1, 2) : 0,
    // What is in memory only is restored after each crash.
    chains: focus === "state" && random.chance(0.4) ? "memory" : random.pick(Chains.drawn),
    commitIntervalMs: random.pick(commitIntervalsMs),
    travellers: hasTravellers ? amount(travellersPerSecond) : 0,
    copiers: hasCopiers ? random.between(1, 2) : 0
  }
}

/**
 * The full size: everybody takes part, for a quarter of a minute.
 *
 * @since 0.1.0
 */
export const full: Size = {
  safetyMs: 15_000,
  faultsMax: 14,
  producers: 2,
  records: 90,
  consumers: 2,
  transactions: 25,
  transactors: 1,
  lines: 45,
  apps: 2,
  chains: "table",
  commitIntervalMs: 100,
  travellers: 15,
  copiers: 1
}

/**
 * A size for another length: as much work in each second.
 *
 * @since 0.1.0
 */
export const scaled = (size: Size, safetyMs: number): Size => {
  const amount = (count: number) => Math.ceil(count * safetyMs / size.safetyMs)
  return {
    ...size,
    safetyMs,
    faultsMax: amount(size.faultsMax),
    records: amount(size.records),
    transactions: amount(size.transactions),
    lines: amount(size.lines)
  }
}
