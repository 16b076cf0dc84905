/**
 * What testkit does at most, by name and unit.
 *
 * @since 0.1.0
 */

/**
 * Records that one call of `sim.produce` may send.
 *
 * @since 0.1.0
 */
export const producedRecordsMax = 10_000

/**
 * Records that an arbitrary of single records gives, if nobody says how many.
 *
 * @since 0.1.0
 */
export const generatedRecordsMax = 30

/**
 * Faults of one run.
 *
 * @since 0.1.0
 */
export const faultsMax = 10

/**
 * Runs that a failure is shrunk with.
 *
 * @since 0.1.0
 */
export const shrinkRunsMax = 400

/**
 * How long a failure is shrunk, in milliseconds of processor time.
 *
 * @since 0.1.0
 */
export const shrinkTimeMaxMs = 30_000

/**
 * Seeds that each smaller candidate is tried with: less to do is done in another order.
 *
 * @since 0.1.0
 */
export const shrinkSchedulesMax = 3

/**
 * Steps of one run before it counts as a runaway.
 *
 * @since 0.1.0
 */
export const stepsMax = 6_000_000

/**
 * Findings that a failure shows.
 *
 * @since 0.1.0
 */
export const findingsShownMax = 5

/**
 * Characters of a replay token.
 *
 * @since 0.1.0
 */
export const tokenMaxLength = 100_000

/**
 * Bytes of what a replay token holds.
 *
 * @since 0.1.0
 */
export const tokenMaxBytes = 10_000_000

/**
 * Bytes of a simulated HTTP message, with its head.
 *
 * @since 0.1.0
 */
export const httpMessageMaxBytes = 4 * 1024 * 1024

/**
 * Records that a failure shows.
 *
 * @since 0.1.0
 */
export const recordsShownMax = 20

/**
 * Runs with which the value of one record is made simpler.
 *
 * @since 0.1.0
 */
export const simplifyRunsMax = 20

/**
 * Messages that a timeline keeps: the last ones.
 *
 * @since 0.1.0
 */
export const timelineMessagesMax = 30_000

/**
 * Events that a timeline keeps: the last ones.
 *
 * @since 0.1.0
 */
export const timelineEventsMax = 10_000
