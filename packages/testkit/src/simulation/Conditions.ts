/**
 * What the links between machines are like: how long the way takes, what is lost, doubled or overtaken on it, how much
 * fits through.
 *
 * Keeps true: all of it happens below TCP. What is lost comes later, what is doubled takes room, what is overtaken waits
 * for its turn; the bytes that programs read are those that were written, in order, or the connection fails.
 * Distributions are tables with straight lines between their entries, so that every machine computes the same numbers.
 *
 * @since 0.1.0
 */
import type { Seeded } from "./Seeded.ts"

/**
 * How latencies are spread around their median.
 *
 * - `steady`: a link that nobody else uses.
 * - `exponential`: waiting in one queue.
 * - `lognormal`: many causes at once; one in a hundred takes ten times as long.
 * - `spiky`: nearly steady, but one in a hundred takes twenty times as long or more.
 *
 * @since 0.1.0
 */
export type Spread = "steady" | "exponential" | "lognormal" | "spiky"

/**
 * What the links are like.
 *
 * @since 0.1.0
 */
export interface Conditions {
  /** The time on the way of half of the segments, in microseconds, and how that of the others differs. */
  readonly latencyUs: number
  readonly spread: Spread
  /** How many segments are lost, from 0 to 1, each time that they are sent. */
  readonly loss: number
  /** How many segments arrive twice. */
  readonly duplication: number
  /** How many segments are overtaken by some that were sent later. */
  readonly reordering: number
  /** What fits through the link of a machine, in bytes per microsecond. */
  readonly bytesPerUs: number
  /** The largest segment, in bytes. */
  readonly segmentMaxBytes: number
}

const shares = [0, 0.5, 0.9, 0.99, 0.999, 1] as const

/** The time on the way of these shares of the segments, as multiples of the median. */
const spreads: Readonly<Record<Spread, readonly [number, number, number, number, number, number]>> = {
  steady: [0.9, 1, 1.1, 1.2, 1.5, 2],
  exponential: [0.02, 1, 3.3, 6.6, 10, 13],
  lognormal: [0.1, 1, 3.6, 10, 22, 45],
  spiky: [0.9, 1, 1.2, 20, 40, 60]
}

/**
 * Draws the time on the way of a segment, in microseconds.
 *
 * @since 0.1.0
 */
export const drawLatencyUs = ({ latencyUs, spread }: Conditions, random: Seeded): number => {
  const share = random.word() / 4294967296
  const multiples = spreads[spread]
  let at = 1
  while (share > shares[at]!) at++
  const part = (share - shares[at - 1]!) / (shares[at]! - shares[at - 1]!)
  return latencyUs * (multiples[at - 1]! + part * (multiples[at]! - multiples[at - 1]!))
}

/**
 * Draws what the links of a universe are like: most are good, a few are bad in one way or several.
 *
 * @since 0.1.0
 */
export const draw = (random: Seeded): Conditions => ({
  latencyUs: random.pick([50, 200, 1000, 5000]),
  spread: random.pick<Spread>(["steady", "exponential", "lognormal", "spiky"]),
  loss: random.pick([0, 0, 0, 0.001, 0.01]),
  duplication: random.pick([0, 0, 0, 0.01]),
  reordering: random.pick([0, 0, 0, 0.01, 0.1]),
  bytesPerUs: random.pick([1, 10, 100]),
  segmentMaxBytes: random.pick([100, 1500, 65_536])
})
