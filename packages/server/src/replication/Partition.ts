/**
 * A partition as its leader keeps it: who may write, what readers may see, when a write counts as committed.
 *
 * Keeps true: the high watermark never passes what the durability policy protects, so neither an acknowledgement
 * nor a reader ever sees a record that a crash could take away; records below it never change.
 * Leaves to others: the bytes on disk (`storage/PartitionLog`), what a batch may hold (`core/records/RecordValidator`),
 * followers (the in-sync set is this node alone until replication arrives).
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { AppendOrigin } from "../storage/BatchAdmission.ts"
import type { EpochEndOffset } from "../storage/LeaderEpochCache.ts"
import type { LogConfig } from "../storage/LogConfig.ts"
import type { TimestampOffset } from "../storage/LogReader.ts"
import { PartitionError } from "../storage/PartitionError.ts"
import type { AppendResult, MarkerToWrite as TransactionMarker } from "../storage/PartitionLog.ts"
import type { Verification as TransactionVerification } from "../storage/ProducerState.ts"
import { verifyRetryBackoffMs, verifyRetryMaxMs } from "../limits.ts"

export { type AppendOrigin, type AppendResult, type EpochEndOffset, PartitionError, type TimestampOffset }
export { type TransactionMarker, type TransactionVerification }

/**
 * Which end of the log a reader sees: the high watermark, the last stable offset, or all that is written.
 *
 * @since 0.1.0
 */
export type Isolation = "read_uncommitted" | "read_committed" | "log_end"

/**
 * How long a leader goes on asking for a transaction to be verified while the one before is still ending, and how long it
 * waits between two attempts; milliseconds.
 *
 * @since 0.1.0
 */
export interface VerifyRetry {
  readonly backoffMs: number
  readonly maxMs: number
}

/**
 * Kafka's `add.partitions.to.txn.retry.backoff.ms` and `add.partitions.to.txn.retry.backoff.max.ms`.
 *
 * @since 0.1.0
 */
export const verifyRetryDefault: VerifyRetry = { backoffMs: verifyRetryBackoffMs, maxMs: verifyRetryMaxMs }

/**
 * What an append may depend on.
 *
 * `currentLeaderEpoch`: refuse unless this is the partition's leader epoch (-1: do not check).
 * `zstdAllowed`: false for Produce below version 7 (default true).
 * `verifyTransaction`: asked before the first batch of a transaction is written, outside the partition's lock; its
 * failure is the append's failure. Without it transactions are not verified.
 * `verifyRetry`: for how long it is asked again while the transaction before is still ending.
 * `verification`: what `verifyTransaction` of the partition has given, for those who verify before they have the batch.
 * `transactionVersion`: 2 if the producer speaks the second transaction protocol (Produce version 12 and later), under
 * which a producer that is unknown here has to begin at sequence 0.
 *
 * @since 0.1.0
 */
export interface AppendOptions {
  readonly origin: AppendOrigin
  readonly acksAll: boolean
  readonly currentLeaderEpoch?: number
  readonly zstdAllowed?: boolean
  readonly transactionVersion?: number
  readonly verifyTransaction?: (transaction: TransactionToVerify) => Effect.Effect<void, PartitionError>
  readonly verifyRetry?: VerifyRetry
  readonly verification?: TransactionVerification | undefined
}

/**
 * The first batch of a transaction at this partition, for which the coordinator has to vouch.
 *
 * @since 0.1.0
 */
export interface TransactionToVerify {
  readonly topic: string
  readonly partition: number
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * What to read. `minOneMessage`: the first batch comes whole even if it is larger than `maxBytes`.
 * `currentLeaderEpoch` and `lastFetchedEpoch` are -1 or absent when the reader does not know them.
 * `allocate` gives the memory for the records, of which the caller may make use again when it is done with the result.
 *
 * @since 0.1.0
 */
export interface ReadOptions {
  readonly offset: number
  readonly maxBytes: number
  readonly minOneMessage: boolean
  readonly isolation: Isolation
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
  readonly allocate?: (size: number) => Uint8Array
}

/**
 * Whole batches from the one that holds the asked offset on, as stored; empty at the end of what is visible.
 * `abortedTransactions` is null unless read committed. With `divergingEpoch` the reader's log differs from ours.
 *
 * @since 0.1.0
 */
export interface ReadResult {
  readonly records: ReadonlyArray<Uint8Array>
  readonly sizeBytes: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly abortedTransactions: ReadonlyArray<AbortedTransaction> | null
  readonly divergingEpoch: EpochEndOffset | undefined
}

/**
 * A transaction of which a read-committed consumer drops the records from `firstOffset` to its abort marker.
 *
 * @since 0.1.0
 */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * A producer that this partition remembers; -1 stands for none.
 *
 * @since 0.1.0
 */
export interface ActiveProducer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  readonly currentTransactionStartOffset: number
}

/**
 * A hosted partition. Plain getters are a snapshot of this moment; all that can fail or wait is an Effect.
 *
 * @since 0.1.0
 */
export interface Partition {
  readonly topic: string
  readonly partition: number
  /** Kafka's 22-character text. */
  readonly topicId: string
  readonly directory: string
  readonly config: LogConfig
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly sizeBytes: number
  /** Whether the log failed: every operation then answers KAFKA_STORAGE_ERROR. */
  readonly offline: boolean

  /**
   * Checks one framed batch, gives it offsets in place (`records` is changed), and writes it. Returns once written; it counts only when `awaitCommitted(lastOffset)` has returned.
   */
  readonly append: (records: Uint8Array, options: AppendOptions) => Effect.Effect<AppendResult, PartitionError>
  /**
   * Asks `vouch` about a transaction that is not open here. An append with what this gives is refused if the transaction
   * has ended meanwhile.
   */
  readonly verifyTransaction: (
    producer: { readonly producerId: number; readonly producerEpoch: number },
    vouch: Effect.Effect<void, PartitionError>
  ) => Effect.Effect<TransactionVerification, PartitionError>
  /** Writes the control batch that ends a transaction. */
  readonly writeTransactionMarker: (marker: TransactionMarker) => Effect.Effect<AppendResult, PartitionError>
  /** Waits until the record at `lastOffset` is below the high watermark. */
  readonly awaitCommitted: (lastOffset: number) => Effect.Effect<void, PartitionError>
  /** Waits until the high watermark is at least `offset`. */
  readonly awaitHighWatermark: (offset: number) => Effect.Effect<void, PartitionError>
  readonly read: (options: ReadOptions) => Effect.Effect<ReadResult, PartitionError>

  /** The first record at or after a timestamp, below the end that `isolation` shows; all -1 if there is none. */
  readonly offsetForTimestamp: (
    timestamp: number,
    isolation: Isolation,
    currentLeaderEpoch?: number
  ) => Effect.Effect<TimestampOffset, PartitionError>
  /** The record with the largest timestamp; all -1 on an empty log. */
  readonly maxTimestampOffset: (currentLeaderEpoch?: number) => Effect.Effect<TimestampOffset, PartitionError>
  readonly earliestOffset: (currentLeaderEpoch?: number) => Effect.Effect<TimestampOffset, PartitionError>
  readonly latestOffset: (
    isolation: Isolation,
    currentLeaderEpoch?: number
  ) => Effect.Effect<TimestampOffset, PartitionError>
  readonly endOffsetForEpoch: (
    epoch: number,
    currentLeaderEpoch?: number
  ) => Effect.Effect<EpochEndOffset, PartitionError>

  /** Moves the log's start to `offset` (-1: the high watermark); returns the low watermark. */
  readonly deleteRecords: (offset: number) => Effect.Effect<number, PartitionError>
  readonly activeProducers: () => ReadonlyArray<ActiveProducer>
  /** Takes over leadership with a newer epoch (the same epoch again changes nothing). */
  readonly becomeLeader: (leaderEpoch: number) => Effect.Effect<void, PartitionError>
  readonly updateConfig: (config: LogConfig) => void
  /** Calls `listener` after every change of the high watermark, last stable or log start offset, or of leadership. */
  readonly subscribe: (listener: () => void) => () => void
}
