/**
 * How much is measured (Kafka's `metrics.recording.level`).
 *
 * @since 0.1.0
 */

/**
 * The levels, the coarsest first. What costs something per record or per operation of a store is measured from `debug` on.
 *
 * @since 0.1.0
 */
export const recordingLevels = ["info", "debug", "trace"] as const

/**
 * A level; it includes those before it.
 *
 * @since 0.1.0
 */
export type RecordingLevel = typeof recordingLevels[number]

/**
 * Kafka's number of a level.
 *
 * @since 0.1.0
 */
export const numberOf = (level: RecordingLevel): number => recordingLevels.indexOf(level)

/**
 * Whether what is measured from `from` on is measured at `level`.
 *
 * @since 0.1.0
 */
export const includes = (level: RecordingLevel, from: RecordingLevel): boolean => numberOf(from) <= numberOf(level)
