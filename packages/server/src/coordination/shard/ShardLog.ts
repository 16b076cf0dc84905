/**
 * What a shard needs of its log: append, wait until it counts, and read it all again.
 *
 * Keeps true: records of one `append` come back from `replay` together and in order; what `awaitCommitted` has let pass is
 * in every later `replay`.
 * Leaves to others: where the bytes are (`PartitionShardLog`), what they mean (the shard's machine).
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { TransactionVerification } from "../../replication/Partition.ts"

/**
 * A stored record. Keys are null where the log has none (metadata), values where the record is a tombstone.
 *
 * @since 0.1.0
 */
export interface ShardRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/**
 * The transactional producer on whose behalf records are written.
 *
 * @since 0.1.0
 */
export interface ShardProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * The end of a transaction in this log. `transactionVersion` 2 means that the epoch was bumped at the end.
 *
 * @since 0.1.0
 */
export interface ShardMarker extends ShardProducer {
  readonly committed: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: number
}

/**
 * Records to append as one batch. `timestamp` in milliseconds; with a producer the batch is transactional, and refused if
 * its transaction has ended since `verification` was given.
 *
 * @since 0.1.0
 */
export interface ShardBatch {
  readonly records: ReadonlyArray<ShardRecord>
  readonly timestamp: number
  readonly producer: ShardProducer | null
  readonly verification?: TransactionVerification | undefined
}

/**
 * The log refused or failed. `code` is Kafka's; after "refused" nothing was written, after "unknown" it may have been.
 *
 * @since 0.1.0
 */
export class ShardLogError extends Data.TaggedError("ShardLogError")<{
  readonly code: number
  readonly outcome: "refused" | "unknown"
  readonly detail: string
}> {
  override get message(): string {
    return `shard log failed (${this.outcome}): ${this.detail}`
  }
}

/**
 * What replay tells, in the order of the log. Byte arrays are valid during the call only.
 *
 * @since 0.1.0
 */
export interface ShardReader {
  readonly record: (record: ShardRecord, producer: ShardProducer | null) => void
  readonly marker: (marker: ShardMarker) => void
}

/**
 * The log of one shard. One writer at a time.
 *
 * @since 0.1.0
 */
export interface ShardLog {
  /**
   * Asks `vouch` for an error code about a transaction that is not open here; what this gives goes with the batch that is
   * written for the transaction.
   */
  readonly verify: (
    producer: ShardProducer,
    vouch: Effect.Effect<number>
  ) => Effect.Effect<TransactionVerification, ShardLogError>
  /** Appends a batch and gives the offset behind it, before it is committed. */
  readonly append: (batch: ShardBatch) => Effect.Effect<number, ShardLogError>
  /** Appends the end of a transaction and gives the offset behind it. */
  readonly appendMarker: (marker: ShardMarker) => Effect.Effect<number, ShardLogError>
  /** Waits until everything before `offset` is committed; bounded by the log's own timeout. */
  readonly awaitCommitted: (offset: number) => Effect.Effect<void, ShardLogError>
  /** Reads all that is committed from the start. */
  readonly replay: (reader: ShardReader) => Effect.Effect<void, ShardLogError>
}
