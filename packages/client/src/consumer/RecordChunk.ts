/**
 * What a poll gives: fetched records of one partition, undecoded.
 *
 * Keeps true: records come in order of offset, from the position on; control records and records of aborted
 * transactions (read committed) are not among them, though offsets count them. Checksums have been checked.
 * Leaves to others: serdes.
 *
 * @since 0.1.0
 */
import type * as Compression from "@millrace/core/records/Compression"
import { RecordCursor } from "@millrace/core/records/RecordCursor"

/**
 * Fetched records of one partition.
 *
 * @since 0.1.0
 */
export interface RecordChunk {
  readonly topic: string
  readonly partition: number
  /** The position that the chunk began at: records before it are passed over. */
  readonly offset: number
  /** The position after the chunk: what to commit when all of it has been handled. */
  readonly nextOffset: number
  /** The leader epoch of the last batch, -1 if unknown: goes with the committed offset. */
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** The records that the headers of the batches state: an upper bound, the first batch may begin before `offset`. */
  readonly recordsCount: number
  readonly sizeInBytes: number
  /** The fetched bytes, and where in them the batches to read begin. */
  readonly bytes: Uint8Array
  readonly batches: ReadonlyArray<number>
  readonly codecs: Compression.Codecs
}

/**
 * Walks over the records of a chunk: `record` stands on each in turn; keys and values are views of the fetched bytes.
 *
 * ```ts
 * const cursor = new ChunkCursor(chunk)
 * while (cursor.next()) count(cursor.record.keyString())
 * ```
 *
 * `next` throws `RecordError` or `CompressionError` for bytes that are not records (`Records.attempt` catches both).
 *
 * @since 0.1.0
 */
export class ChunkCursor {
  readonly record: RecordCursor
  readonly #chunk: RecordChunk
  #index = 0

  constructor(chunk: RecordChunk) {
    this.#chunk = chunk
    this.record = new RecordCursor(chunk.codecs)
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    const { batches, bytes, offset } = this.#chunk
    for (;;) {
      while (this.record.next()) if (this.record.offset >= offset) return true
      if (this.#index === batches.length) return false
      this.record.openUnsafe(bytes, batches[this.#index++]!)
    }
  }
}
