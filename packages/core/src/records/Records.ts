/**
 * Batches that lie one after the other in a buffer: a segment, a fetch answer, a produce request.
 *
 * ```ts
 * for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) { … }
 * ```
 *
 * Keeps true: an incomplete batch at the end is no batch and no error, as a fetch may cut its last one; a length or a
 * magic that no batch can have is a `RecordError`.
 * Leaves to others: checksums (`RecordBatch.isValidCrc`), what is in a batch (`RecordCursor`).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Compression from "./Compression.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { RecordCursor, type RecordHeader } from "./RecordCursor.ts"
import { corruptBatch, RecordError } from "./RecordError.ts"

export { RecordCursor, type RecordHeader }

/** What the smallest message (magic 0) has after its length field. */
const batchLengthMin = 14

/**
 * The size of the complete batch at `at`, in bytes, or 0 if there is none before `end`. Throws `RecordError` for a
 * length or magic that no batch can have. Any magic from 0 to 2.
 *
 * @since 0.1.0
 */
export const nextBatchUnsafe = (bytes: Uint8Array, at: number, end: number): number => {
  if (at + RecordBatch.logOverheadBytes > end) return 0
  const length = RecordBatch.batchLength(bytes, at)
  if (length < batchLengthMin) throw corruptBatch(`a batch length of ${length} is less than ${batchLengthMin}`)
  if (length > 0x7fffffff - RecordBatch.logOverheadBytes) throw corruptBatch(`a batch length of ${length} is too large`)
  if (at + RecordBatch.magicAt >= end) return 0
  const magic = RecordBatch.magic(bytes, at)
  if (magic < 0 || magic > RecordBatch.magicCurrent) throw corruptBatch(`no format has magic ${magic}`)
  const size = length + RecordBatch.logOverheadBytes
  return at + size > end ? 0 : size
}

/**
 * `nextBatchUnsafe` with the error as a value.
 *
 * @since 0.1.0
 */
export const nextBatch = (bytes: Uint8Array, at: number, end: number): Result.Result<number, RecordError> => {
  try {
    return Result.succeed(nextBatchUnsafe(bytes, at, end))
  } catch (error) {
    if (error instanceof RecordError) return Result.fail(error)
    throw error
  }
}

/**
 * Runs synchronous code over records and gives what it throws for hostile bytes as a value; defects pass.
 *
 * @since 0.1.0
 */
export const attempt = <A>(read: () => A): Result.Result<A, RecordError | Compression.CompressionError> => {
  try {
    return Result.succeed(read())
  } catch (error) {
    if (error instanceof RecordError || error instanceof Compression.CompressionError) return Result.fail(error)
    throw error
  }
}

/**
 * A record on its own: an object each, for cold paths and tests. Keys and values are views.
 *
 * @since 0.1.0
 */
export interface RecordData {
  readonly offset: number
  readonly timestamp: number
  readonly sequence: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyArray<RecordHeader>
}

const collectUnsafe = (cursor: RecordCursor, bytes: Uint8Array, at: number, into: Array<RecordData>): void => {
  cursor.openUnsafe(bytes, at)
  while (cursor.next()) {
    const { offset, sequence, timestamp } = cursor
    into.push({ offset, timestamp, sequence, key: cursor.key(), value: cursor.value(), headers: cursor.headers() })
  }
}

/**
 * All records of the batch at `at`, control records included.
 *
 * @since 0.1.0
 */
export const readBatchUnsafe = (
  bytes: Uint8Array,
  at: number,
  codecs: Compression.Codecs,
  maxBytes?: number
): ReadonlyArray<RecordData> => {
  const records: Array<RecordData> = []
  collectUnsafe(new RecordCursor(codecs, maxBytes), bytes, at, records)
  return records
}

/**
 * All records of all complete batches in a buffer, control records included.
 *
 * @since 0.1.0
 */
export const readAllUnsafe = (
  bytes: Uint8Array,
  codecs: Compression.Codecs,
  maxBytes?: number
): ReadonlyArray<RecordData> => {
  const records: Array<RecordData> = []
  const cursor = new RecordCursor(codecs, maxBytes)
  for (let at = 0, size = 0; (size = nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
    collectUnsafe(cursor, bytes, at, records)
  }
  return records
}
