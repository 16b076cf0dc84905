/**
 * Reading a log: batches from an offset on, offsets by timestamp, aborted transactions.
 *
 * Keeps true: an answer holds whole batches of one segment, the first of them the one with the asked offset; nothing
 * at or beyond the given end is in it. Readers take no lock; what they see is below an end that cannot be taken back.
 * Leaves to others: which end a reader may see (`Partition`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { searchBlockBytes } from "../limits.ts"
import type { Allocate } from "./BatchScan.ts"
import * as PartitionError from "./PartitionError.ts"
import type { LogFailure, PartitionLog } from "./PartitionLog.ts"
import type { Segment } from "./Segment.ts"
import type { AbortedTransactionEntry } from "./TransactionIndex.ts"

/**
 * What to read: at most `maxBytes` (but with `minOneMessage` at least one batch) from `offset` on, below `end`.
 *
 * @since 0.1.0
 */
export interface LogRead {
  readonly offset: number
  readonly maxBytes: number
  readonly minOneMessage: boolean
  readonly end: number
  readonly withAborted: boolean
  /** Where the records go. */
  readonly allocate?: Allocate | undefined
}

/**
 * Bytes of whole batches, and the aborted transactions that may lie in them if they were asked for.
 *
 * @since 0.1.0
 */
export interface LogReadResult {
  readonly records: Uint8Array
  readonly aborted: ReadonlyArray<AbortedTransactionEntry>
}

/**
 * An offset with the timestamp and leader epoch of its record; -1 where there is none.
 *
 * @since 0.1.0
 */
export interface TimestampOffset {
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number
}

/**
 * What is answered when no record fits.
 *
 * @since 0.1.0
 */
export const noTimestampOffset: TimestampOffset = { timestamp: -1, offset: -1, leaderEpoch: -1 }

const nothing: LogReadResult = { records: new Uint8Array(0), aborted: [] }

const outOfRange = (log: PartitionLog, offset: number): PartitionError.PartitionError =>
  PartitionError.make(
    ErrorCode.OFFSET_OUT_OF_RANGE,
    `offset ${offset} is not in the log, which goes from ${log.logStartOffset} to ${log.logEndOffset}`
  )

/**
 * Reads batches.
 *
 * @since 0.1.0
 */
export const read = (
  log: PartitionLog,
  request: LogRead
): Effect.Effect<LogReadResult, PartitionError.PartitionError> =>
  log.guarded(
    Effect.suspend((): Effect.Effect<LogReadResult, LogFailure> =>
      request.offset < log.logStartOffset || request.offset > log.logEndOffset
        ? Effect.fail(outOfRange(log, request.offset))
        : request.offset >= request.end
        ? Effect.succeed(nothing)
        : readFrom(log, request)
    )
  )

const readFrom = Effect.fnUntraced(function*(log: PartitionLog, request: LogRead) {
  const segments = log.segments.all
  for (let index = log.segments.indexOf(request.offset); index < segments.length; index++) {
    const segment = segments[index]!
    log.segments.touch(segment)
    const followed = request.withAborted ? undefined : segment.readPositions.positionOf(request.offset)
    if (followed !== undefined && followed < segment.size) {
      const records = yield* readBatches(segment, followed, request.maxBytes, request)
      if (records.length > 0) return { records, aborted: [] }
    }
    const place = yield* segment.locate(request.offset)
    // Compaction may have left nothing of what the segment held at its end.
    if (place === undefined) continue
    if (place.baseOffset >= request.end) return nothing
    const maxBytes = request.minOneMessage ? Math.max(request.maxBytes, place.sizeBytes) : request.maxBytes
    if (maxBytes < place.sizeBytes) return nothing
    const records = yield* readBatches(segment, place.position, maxBytes, request)
    if (!request.withAborted) return { records, aborted: [] }
    const upTo = segment.offsets.offsetFrom(place.position + records.length) ??
      segments[index + 1]?.baseOffset ?? log.logEndOffset
    return { records, aborted: yield* collectAborted(segments.slice(index), request.offset, upTo) }
  }
  return nothing
})

/** The whole batches at `position`. Where they end is noted, as most readers go on there. */
const readBatches = (segment: Segment, position: number, maxBytes: number, { allocate, end }: LogRead) => {
  const { readPositions } = segment
  return Effect.map(segment.read(position, maxBytes, allocate), (bytes) => {
    let length = 0
    let nextOffset = -1
    while (length + RecordBatch.headerSizeBytes <= bytes.length) {
      const next = length + RecordBatch.sizeInBytes(bytes, length)
      if (next > bytes.length || RecordBatch.baseOffset(bytes, length) >= end) break
      nextOffset = RecordBatch.nextOffset(bytes, length)
      length = next
    }
    if (length > 0) readPositions.note(nextOffset, position + length)
    return bytes.subarray(0, length)
  })
}

const collectAborted = Effect.fnUntraced(function*(segments: ReadonlyArray<Segment>, from: number, to: number) {
  const found: Array<AbortedTransactionEntry> = []
  for (const { transactions } of segments) {
    // Between a load and its use another reader may have freed the index again.
    while (!transactions.file.resident) yield* transactions.file.load
    if (transactions.collect(from, to, found)) break
  }
  return found
})

/**
 * The first record with `timestamp` or a later one, if there is one.
 *
 * @since 0.1.0
 */
export const offsetForTimestamp = (
  log: PartitionLog,
  timestamp: number
): Effect.Effect<TimestampOffset, PartitionError.PartitionError> =>
  log.guarded(Effect.gen(function*() {
    const startOffset = log.logStartOffset
    for (const segment of log.segments.all) {
      yield* segment.loadTimestamps
      if (segment.maxTimestamp < timestamp) continue
      log.segments.touch(segment)
      yield* segment.load
      const from = Math.max(segment.times.offsetBefore(timestamp), startOffset)
      const found = yield* findRecord(log, segment, from, timestamp, (recordTimestamp) => recordTimestamp >= timestamp)
      if (found !== undefined) return found
    }
    return noTimestampOffset
  }))

/**
 * The first record with the largest timestamp, if there is any.
 *
 * @since 0.1.0
 */
export const maxTimestampOffset = (
  log: PartitionLog
): Effect.Effect<TimestampOffset, PartitionError.PartitionError> =>
  log.guarded(Effect.gen(function*() {
    let latest: Segment | undefined
    for (const segment of log.segments.all) {
      yield* segment.loadTimestamps
      if (segment.maxTimestamp >= 0 && segment.maxTimestamp > (latest?.maxTimestamp ?? -1)) latest = segment
    }
    if (latest === undefined) return noTimestampOffset
    log.segments.touch(latest)
    const { maxTimestamp, maxTimestampOffset: offset } = latest
    const found = yield* findRecord(log, latest, offset, maxTimestamp, (timestamp) => timestamp === maxTimestamp)
    return found ?? noTimestampOffset
  }))

/** The first record from `from` on whose timestamp is right, in a batch that reaches `timestamp`. */
const findRecord = (
  log: PartitionLog,
  segment: Segment,
  from: number,
  timestamp: number,
  isRight: (timestamp: number) => boolean
): Effect.Effect<TimestampOffset | undefined, LogFailure> =>
  Effect.gen(function*() {
    const place = yield* segment.locate(from)
    if (place === undefined) return undefined
    let found: Result.Result<TimestampOffset | undefined, { readonly message: string }> = Result.succeed(undefined)
    yield* segment.scan({ from: place.position, whole: true, blockBytes: searchBlockBytes }, (bytes, at) => {
      if (RecordBatch.maxTimestamp(bytes, at) < timestamp) return true
      found = Records.attempt(() => findInBatch(log, bytes, at, isRight))
      return Result.isSuccess(found) && found.success === undefined
    })
    return yield* Effect.mapError(
      Effect.fromResult(found),
      (error) => PartitionError.make(ErrorCode.CORRUPT_MESSAGE, error.message)
    )
  })

const findInBatch = (
  log: PartitionLog,
  bytes: Uint8Array,
  at: number,
  isRight: (timestamp: number) => boolean
): TimestampOffset | undefined => {
  const cursor = new Records.RecordCursor(log.context.compression)
  cursor.openUnsafe(bytes, at)
  while (cursor.next()) {
    if (cursor.offset < log.logStartOffset || !isRight(cursor.timestamp)) continue
    const leaderEpoch = RecordBatch.partitionLeaderEpoch(bytes, at)
    return { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch }
  }
  return undefined
}
