/**
 * What a log throws away: whole segments, oldest first, by age, by size, and below its start; and `DeleteRecords`.
 *
 * Keeps true: nothing at or above the high watermark goes; there is always an active segment.
 * Leaves to others: when to look (`LogManager`), removing the files (`LogContext.discard`), compaction.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Effect from "effect/Effect"
import * as PartitionError from "./PartitionError.ts"
import type { PartitionLog } from "./PartitionLog.ts"
import type { Segment } from "./Segment.ts"

/** The oldest segments for which `isOld` holds without a gap, as far as the high watermark allows. */
const oldest = (
  log: PartitionLog,
  isOld: (segment: Segment, nextBaseOffset: number | undefined) => boolean
): ReadonlyArray<Segment> => {
  const segments = log.segments.all
  let count = 0
  while (count < segments.length) {
    const segment = segments[count]!
    const next = segments[count + 1]?.baseOffset
    const isEmptyLast = next === undefined && segment.size === 0
    if (log.highWatermark < (next ?? log.logEndOffset) || isEmptyLast || !isOld(segment, next)) break
    count++
  }
  return segments.slice(0, count)
}

const expired = (log: PartitionLog): ReadonlyArray<Segment> => {
  const { retentionBytes, retentionMs } = log.config
  const nowMs = log.context.clock.currentTimeMillisUnsafe()
  const byStart = oldest(log, (_, next) => next !== undefined && next <= log.logStartOffset)
  if (!log.config.delete) return byStart
  const byAge = retentionMs < 0
    ? []
    : oldest(log, (segment) => nowMs - segment.retentionTimestamp > retentionMs)
  let surplus = retentionBytes < 0 ? -1 : log.segments.sizeBytes - retentionBytes
  const bySize = oldest(log, (segment) => {
    if (surplus < segment.size || surplus < 0) return false
    surplus -= segment.size
    return true
  })
  return [byStart, byAge, bySize].reduce((longest, other) => other.length > longest.length ? other : longest)
}

/**
 * Throws away what has expired; answers with how many segments went.
 *
 * @since 0.1.0
 */
export const deleteExpired = (log: PartitionLog): Effect.Effect<number, PartitionError.PartitionError> =>
  log.exclusively(Effect.gen(function*() {
    for (const segment of log.segments.all) yield* segment.loadTimestamps
    for (const segment of log.segments.all) log.segments.touch(segment)
    const gone = expired(log)
    if (gone.length === 0) return 0
    yield* log.removeSegments(gone)
    yield* log.advanceLogStart(log.segments.baseOffset)
    return gone.length
  }))

/**
 * Moves the start of the log to `offset` (-1: the high watermark); answers with the start as it is then.
 *
 * @since 0.1.0
 */
export const deleteRecords = (
  log: PartitionLog,
  offset: number
): Effect.Effect<number, PartitionError.PartitionError> =>
  log.exclusively(Effect.gen(function*() {
    if (!log.config.delete) {
      return yield* PartitionError.make(
        ErrorCode.POLICY_VIOLATION,
        `records of ${log.topic}-${log.partition} cannot be deleted: its cleanup.policy does not hold delete`
      )
    }
    if (offset < -1) {
      return yield* PartitionError.make(ErrorCode.OFFSET_OUT_OF_RANGE, `offset ${offset} makes no sense`)
    }
    yield* log.advanceLogStart(offset === -1 ? log.highWatermark : offset)
    return log.logStartOffset
  }))
