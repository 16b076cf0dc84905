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
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import type { Durability, Flusher, Syncable } from "../storage/Durability.ts"
import type { EpochEndOffset } from "../storage/LeaderEpochCache.ts"
import type { LogConfig } from "../storage/LogConfig.ts"
import * as LogReader from "../storage/LogReader.ts"
import * as LogRetention from "../storage/LogRetention.ts"
import { make as partitionError, PartitionError } from "../storage/PartitionError.ts"
import type { AppendOrigin, AppendResult, MarkerToWrite, PartitionLog } from "../storage/PartitionLog.ts"
import type { Verification } from "../storage/ProducerState.ts"

export {
  type AppendOrigin,
  type AppendResult,
  type EpochEndOffset,
  type MarkerToWrite as TransactionMarker,
  PartitionError
}
export type { TimestampOffset } from "../storage/LogReader.ts"

/**
 * Which end of the log a reader sees: the high watermark, the last stable offset, or all that is written.
 *
 * @since 0.1.0
 */
export type Isolation = "read_uncommitted" | "read_committed" | "log_end"

/**
 * What an append may depend on.
 *
 * `currentLeaderEpoch`: refuse unless this is the partition's leader epoch (-1: do not check).
 * `zstdAllowed`: false for Produce below version 7 (default true).
 * `verifyTransaction`: asked before the first batch of a transaction is written, outside the partition's lock; its
 * failure is the append's failure. Without it transactions are not verified.
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
  /** Writes the control batch that ends a transaction. */
  readonly writeTransactionMarker: (marker: MarkerToWrite) => Effect.Effect<AppendResult, PartitionError>
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
  ) => Effect.Effect<LogReader.TimestampOffset, PartitionError>
  /** The record with the largest timestamp; all -1 on an empty log. */
  readonly maxTimestampOffset: (currentLeaderEpoch?: number) => Effect.Effect<LogReader.TimestampOffset, PartitionError>
  readonly earliestOffset: (currentLeaderEpoch?: number) => Effect.Effect<LogReader.TimestampOffset, PartitionError>
  readonly latestOffset: (
    isolation: Isolation,
    currentLeaderEpoch?: number
  ) => Effect.Effect<LogReader.TimestampOffset, PartitionError>
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

/** The Produce versions between which zstd is told apart. */
const requestVersionWithZstd = 7

interface Waiter {
  readonly offset: number
  readonly resume: (result: Effect.Effect<void, PartitionError>) => void
}

/**
 * A partition led by this node, the only one in its in-sync set.
 *
 * @since 0.1.0
 */
export class LeaderPartition implements Partition, Syncable {
  readonly log: PartitionLog
  leaderEpoch = -1
  readonly #durability: Durability
  readonly #flusher: Flusher
  readonly #waiters = new Set<Waiter>()
  readonly #listeners = new Set<() => void>()

  constructor(log: PartitionLog, durability: Durability, flusher: Flusher) {
    this.log = log
    this.#durability = durability
    this.#flusher = flusher
    log.advanceHighWatermark(log.recoveryPoint)
  }

  get topic(): string {
    return this.log.topic
  }

  get partition(): number {
    return this.log.partition
  }

  get topicId(): string {
    return this.log.topicId ?? ""
  }

  get directory(): string {
    return this.log.directory
  }

  get config(): LogConfig {
    return this.log.config
  }

  get logStartOffset(): number {
    return this.log.logStartOffset
  }

  get logEndOffset(): number {
    return this.log.logEndOffset
  }

  get highWatermark(): number {
    return this.log.highWatermark
  }

  get lastStableOffset(): number {
    return this.log.lastStableOffset
  }

  get sizeBytes(): number {
    return this.log.segments.sizeBytes
  }

  get offline(): boolean {
    return this.log.failure !== undefined
  }

  /** Kafka's answer to a reader or writer that believes in another leader epoch; -1 believes in any. */
  #checkEpoch(currentLeaderEpoch = -1): PartitionError | undefined {
    if (this.leaderEpoch === -1) {
      return partitionError(ErrorCode.NOT_LEADER_OR_FOLLOWER, "this broker does not lead the partition")
    }
    if (currentLeaderEpoch === -1 || currentLeaderEpoch === this.leaderEpoch) return undefined
    return currentLeaderEpoch < this.leaderEpoch
      ? partitionError(ErrorCode.FENCED_LEADER_EPOCH, `leader epoch ${currentLeaderEpoch} is over`)
      : partitionError(ErrorCode.UNKNOWN_LEADER_EPOCH, `leader epoch ${currentLeaderEpoch} has not begun here`)
  }

  #asLeader<A>(
    currentLeaderEpoch: number | undefined,
    body: () => Effect.Effect<A, PartitionError>
  ): Effect.Effect<A, PartitionError> {
    return Effect.suspend(() => {
      const refused = this.#checkEpoch(currentLeaderEpoch)
      return refused === undefined ? body() : Effect.fail(refused)
    })
  }

  append(records: Uint8Array, options: AppendOptions): Effect.Effect<AppendResult, PartitionError> {
    return this.#asLeader(options.currentLeaderEpoch, () => {
      const { verifyTransaction } = options
      return verifyTransaction !== undefined && this.#beginsTransaction(records)
        ? Effect.flatMap(
          this.#verify(records, verifyTransaction, options),
          (verification) => this.#append(records, options, verification)
        )
        : this.#append(records, options, undefined)
    })
  }

  #beginsTransaction(records: Uint8Array): boolean {
    return records.length >= RecordBatch.headerSizeBytes && RecordBatch.isTransactional(records, 0) &&
      !this.log.producers.hasOpenTransaction(RecordBatch.producerId(records, 0), RecordBatch.producerEpoch(records, 0))
  }

  #verify(
    records: Uint8Array,
    ask: NonNullable<AppendOptions["verifyTransaction"]>,
    options: AppendOptions
  ): Effect.Effect<Verification, PartitionError> {
    const { log, partition, topic } = this
    const mustStartAtZero = options.transactionVersion === 2
    const nowMs = log.context.clock.currentTimeMillisUnsafe()
    const verification = log.producers.startVerification(records, 0, mustStartAtZero, nowMs)
    const { producerEpoch, producerId } = verification
    return Effect.as(ask({ topic, partition, producerId, producerEpoch }), verification)
  }

  #append(
    records: Uint8Array,
    options: AppendOptions,
    verification: Verification | undefined
  ): Effect.Effect<AppendResult, PartitionError> {
    const requestVersion = options.zstdAllowed === false ? requestVersionWithZstd - 1 : requestVersionWithZstd
    return this.#written(
      this.log.append(records, {
        origin: options.origin,
        leaderEpoch: this.leaderEpoch,
        requestVersion,
        verification
      })
    )
  }

  writeTransactionMarker(marker: MarkerToWrite): Effect.Effect<AppendResult, PartitionError> {
    return this.#asLeader(undefined, () => this.#written(this.log.appendMarker(marker, this.leaderEpoch)))
  }

  /** Sees to it that what was written comes to count. */
  #written(append: Effect.Effect<AppendResult, PartitionError>): Effect.Effect<AppendResult, PartitionError> {
    return Effect.onExit(append, (exit) =>
      Effect.sync(() => {
        if (exit._tag === "Failure") {
          if (this.log.failure !== undefined) this.#stop(this.log.failure)
          return
        }
        if (this.#durability.kind === "group-commit") {
          this.#flusher.request(this)
          return
        }
        if (this.log.hasUnsealed) this.#flusher.request(this)
        this.#advance(this.log.logEndOffset)
      }))
  }

  readonly sync: Effect.Effect<void> = Effect.suspend(() =>
    Effect.match(this.log.sync, {
      onFailure: (error) => this.#stop(error),
      onSuccess: (offset) => this.#advance(offset)
    })
  )

  /** Asks for a sync if anything is not durable yet. */
  requestSync(): void {
    if (this.log.recoveryPoint < this.log.logEndOffset) this.#flusher.request(this)
  }

  #advance(offset: number): void {
    if (!this.log.advanceHighWatermark(offset)) return
    const { highWatermark } = this.log
    for (const waiter of [...this.#waiters]) {
      if (waiter.offset > highWatermark || !this.#waiters.delete(waiter)) continue
      waiter.resume(Effect.void)
    }
    this.#notify()
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Lets nobody wait for what will not come. */
  #stop(error: PartitionError): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) waiter.resume(Effect.fail(error))
    this.#notify()
  }

  /** Ends leadership; whoever waits gets `error`. */
  resign(error: PartitionError): void {
    this.leaderEpoch = -1
    this.#stop(error)
  }

  awaitCommitted(lastOffset: number): Effect.Effect<void, PartitionError> {
    return this.awaitHighWatermark(lastOffset + 1)
  }

  awaitHighWatermark(offset: number): Effect.Effect<void, PartitionError> {
    return this.#asLeader(undefined, () => {
      if (this.log.highWatermark >= offset) return Effect.void
      return Effect.callback<void, PartitionError>((resume) => {
        if (this.log.failure !== undefined) return resume(Effect.fail(this.log.failure))
        if (this.log.highWatermark >= offset) return resume(Effect.void)
        const waiter = { offset, resume }
        this.#waiters.add(waiter)
        return Effect.sync(() => {
          this.#waiters.delete(waiter)
        })
      })
    })
  }

  #endFor(isolation: Isolation): number {
    return isolation === "log_end"
      ? this.log.logEndOffset
      : isolation === "read_committed"
      ? this.log.lastStableOffset
      : this.log.highWatermark
  }

  read(options: ReadOptions): Effect.Effect<ReadResult, PartitionError> {
    return this.#asLeader(options.currentLeaderEpoch, (): Effect.Effect<ReadResult, PartitionError> => {
      const state = this.#readState()
      const { lastFetchedEpoch = -1, maxBytes, minOneMessage, offset } = options
      const divergingEpoch = lastFetchedEpoch >= 0 ? this.#divergence(lastFetchedEpoch, offset) : undefined
      const withAborted = options.isolation === "read_committed"
      if (divergingEpoch !== undefined) {
        return Effect.succeed({ ...state, records: [], sizeBytes: 0, abortedTransactions: null, divergingEpoch })
      }
      const request = { offset, maxBytes, minOneMessage, end: this.#endFor(options.isolation), withAborted }
      return Effect.map(LogReader.read(this.log, request), ({ aborted, records }) => ({
        ...state,
        records: records.length === 0 ? [] : [records],
        sizeBytes: records.length,
        abortedTransactions: withAborted
          ? aborted.map(({ firstOffset, producerId }) => ({ producerId, firstOffset }))
          : null,
        divergingEpoch
      }))
    })
  }

  #readState() {
    const { highWatermark, lastStableOffset, logEndOffset, logStartOffset } = this.log
    return { highWatermark, lastStableOffset, logEndOffset, logStartOffset }
  }

  #divergence(lastFetchedEpoch: number, offset: number): EpochEndOffset | undefined {
    const end = this.log.epochs.endOffsetFor(lastFetchedEpoch, this.log.logEndOffset)
    return end.epoch < lastFetchedEpoch || end.endOffset < offset ? end : undefined
  }

  offsetForTimestamp(
    timestamp: number,
    isolation: Isolation,
    currentLeaderEpoch?: number
  ): Effect.Effect<LogReader.TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () =>
      Effect.map(
        LogReader.offsetForTimestamp(this.log, timestamp),
        (found) => found.offset < this.#endFor(isolation) ? found : LogReader.noTimestampOffset
      ))
  }

  maxTimestampOffset(currentLeaderEpoch?: number): Effect.Effect<LogReader.TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () => LogReader.maxTimestampOffset(this.log))
  }

  earliestOffset(currentLeaderEpoch?: number): Effect.Effect<LogReader.TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () => Effect.succeed(this.#offsetAt(this.log.logStartOffset)))
  }

  latestOffset(
    isolation: Isolation,
    currentLeaderEpoch?: number
  ): Effect.Effect<LogReader.TimestampOffset, PartitionError> {
    return this.#asLeader(
      currentLeaderEpoch,
      () => Effect.succeed({ timestamp: -1, offset: this.#endFor(isolation), leaderEpoch: this.leaderEpoch })
    )
  }

  #offsetAt(offset: number): LogReader.TimestampOffset {
    return { timestamp: -1, offset, leaderEpoch: this.log.epochs.epochAt(offset) }
  }

  endOffsetForEpoch(epoch: number, currentLeaderEpoch?: number): Effect.Effect<EpochEndOffset, PartitionError> {
    return this.#asLeader(
      currentLeaderEpoch,
      () => Effect.succeed(this.log.epochs.endOffsetFor(epoch, this.log.logEndOffset))
    )
  }

  deleteRecords(offset: number): Effect.Effect<number, PartitionError> {
    return this.#asLeader(
      undefined,
      () => Effect.tap(LogRetention.deleteRecords(this.log, offset), () => Effect.sync(() => this.#notify()))
    )
  }

  activeProducers(): ReadonlyArray<ActiveProducer> {
    return [...this.log.producers.producers.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTransactionStartOffset: entry.currentTransactionFirstOffset
    }))
  }

  becomeLeader(leaderEpoch: number): Effect.Effect<void, PartitionError> {
    return Effect.suspend(() => {
      if (leaderEpoch === this.leaderEpoch) return Effect.void
      if (leaderEpoch < this.leaderEpoch) {
        return Effect.fail(partitionError(ErrorCode.FENCED_LEADER_EPOCH, `leader epoch ${leaderEpoch} is over`))
      }
      return Effect.map(this.log.beginEpoch(leaderEpoch), () => {
        this.leaderEpoch = Math.max(leaderEpoch, this.leaderEpoch)
        this.#notify()
      })
    })
  }

  updateConfig(config: LogConfig): void {
    this.log.config = config
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}
