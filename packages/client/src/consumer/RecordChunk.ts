/**
 * What a poll gives: fetched records of one partition, undecoded.
 *
 * Keeps true: records come in order of offset, from the position on; control records and records of aborted
 * transactions (read committed) are not among them, though offsets count them.
 * Leaves to others: serdes.
 *
 * @since 0.1.0
 */

/**
 * Walks over the records of a chunk. One value moves over all of them; keys and values are views of the fetched bytes.
 *
 * @since 0.1.0
 */
export interface ChunkCursor {
  /** Moves to the next record; false at the end. Throws `ConsumerError` (reason `CorruptRecord`) on broken bytes. */
  readonly next: () => boolean
  readonly offset: number
  /** Milliseconds since the epoch, -1 if there is none. */
  readonly timestamp: number
  /** The key's bytes, null if there is none. */
  readonly key: Uint8Array | null
  /** The value's bytes, null for a tombstone. */
  readonly value: Uint8Array | null
  readonly headers: ReadonlyArray<ChunkHeader>
}

/**
 * A header of a record.
 *
 * @since 0.1.0
 */
export interface ChunkHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * Fetched records of one partition.
 *
 * @since 0.1.0
 */
export interface RecordChunk {
  readonly topic: string
  readonly partition: number
  /** The position that the chunk began at. */
  readonly offset: number
  /** The position after the chunk: what to commit when all of it has been handled. */
  readonly nextOffset: number
  /** The leader epoch of the last batch, -1 if unknown: goes with the committed offset. */
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly sizeInBytes: number
  /** A new walk over the records. */
  readonly cursor: () => ChunkCursor
}
