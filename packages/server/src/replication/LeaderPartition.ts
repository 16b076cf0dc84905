/**
 * A partition that this node leads, alone in its in-sync set: who may write and read, and when a write counts.
 *
 * Keeps true: the high watermark never passes what the durability policy protects; whoever waits for it is told when
 * it moves, or that it never will.
 * Leaves to others: the bytes on disk (`storage/PartitionLog`), the syncs themselves (`storage/Durability`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { DiskError } from "@millrace/core/platform/Disk"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Durability, Flusher, Syncable } from "../storage/Durability.ts"
import type { LogConfig } from "../storage/LogConfig.ts"
import * as LogReader from "../storage/LogReader.ts"
import * as LogRetention from "../storage/LogRetention.ts"
import { make as partitionError } from "../storage/PartitionError.ts"
import type { PartitionLog } from "../storage/PartitionLog.ts"
import type { Verification } from "../storage/ProducerState.ts"
import { verifyRetryDefault } from "./Partition.ts"
import type {
  ActiveProducer,
  AppendOptions,
  AppendResult,
  EpochEndOffset,
  Isolation,
  Partition,
  PartitionError,
  ReadOptions,
  ReadResult,
  TimestampOffset,
  TransactionMarker
} from "./Partition.ts"

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
  readonly #keepStart: Effect.Effect<void, DiskError>
  readonly #waiters = new Set<Waiter>()
  readonly #listeners = new Set<() => void>()

  constructor(log: PartitionLog, durability: Durability, flusher: Flusher, keepStart: Effect.Effect<void, DiskError>) {
    this.log = log
    this.#durability = durability
    this.#flusher = flusher
    this.#keepStart = keepStart
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
      const isTransactional = records.length >= RecordBatch.headerSizeBytes && RecordBatch.isTransactional(records, 0)
      if (verifyTransaction === undefined || !isTransactional) {
        return this.#append(records, options, options.verification)
      }
      const { partition, topic } = this
      const producerId = RecordBatch.producerId(records, 0)
      const producerEpoch = RecordBatch.producerEpoch(records, 0)
      const verification: Verification = {
        producerId,
        producerEpoch,
        mustStartAtZero: options.transactionVersion === 2,
        lowestSequence: RecordBatch.baseSequence(records, 0),
        startedMs: MonotonicTime.millisUnsafe(this.log.context.clock)
      }
      return Effect.flatMap(
        this.#verify(
          verification,
          () => verifyTransaction({ topic, partition, producerId, producerEpoch }),
          options.verifyRetry
        ),
        (verification) => this.#append(records, options, verification)
      )
    })
  }

  verifyTransaction(
    producer: { readonly producerId: number; readonly producerEpoch: number },
    vouch: Effect.Effect<void, PartitionError>
  ): Effect.Effect<Verification, PartitionError> {
    const { producerEpoch, producerId } = producer
    return this.#asLeader(undefined, () => {
      const startedMs = MonotonicTime.millisUnsafe(this.log.context.clock)
      return this.#verify(
        { producerId, producerEpoch, mustStartAtZero: false, lowestSequence: 0, startedMs },
        () => vouch
      )
    })
  }

  /**
   * Asks about a transaction that is not open. One that is may end before the append, which then is refused.
   *
   * While the transaction before is still ending, its marker may come, and ends what was being verified: so each attempt
   * begins anew.
   */
  #verify(
    wanted: Verification,
    ask: () => Effect.Effect<void, PartitionError>,
    { backoffMs, maxMs } = verifyRetryDefault
  ): Effect.Effect<Verification, PartitionError> {
    const { producers } = this.log
    const attempt = Effect.suspend(() => {
      if (producers.hasOpenTransaction(wanted.producerId, wanted.producerEpoch)) return Effect.succeed(wanted)
      const verification = producers.startVerification(wanted)
      return Effect.as(ask(), verification)
    })
    return Effect.retry(attempt, {
      while: ({ code }) => code === ErrorCode.CONCURRENT_TRANSACTIONS,
      times: Math.ceil(maxMs / backoffMs),
      schedule: Schedule.spaced(backoffMs)
    })
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

  writeTransactionMarker(marker: TransactionMarker): Effect.Effect<AppendResult, PartitionError> {
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
        if (this.#mustSync) {
          this.#flusher.request(this)
          return
        }
        if (this.log.hasUnsealed) this.#flusher.request(this)
        this.#advance(this.log.logEndOffset)
      }))
  }

  /** Whether what was written waits for a sync: by the policy of the broker, or by the topic's `flush.messages`. */
  get #mustSync(): boolean {
    return this.#durability.kind === "group-commit" ||
      this.log.logEndOffset - this.log.recoveryPoint >= this.log.config.flushMessages
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
    for (const waiter of Array.from(this.#waiters)) {
      if (waiter.offset > highWatermark || !this.#waiters.delete(waiter)) continue
      waiter.resume(Effect.void)
    }
    this.#notify()
  }

  #notify(): void {
    for (const listener of Array.from(this.#listeners)) listener()
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
      const end = this.#endFor(options.isolation)
      const request = { offset, maxBytes, minOneMessage, end, withAborted, allocate: options.allocate }
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
  ): Effect.Effect<TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () =>
      Effect.map(
        LogReader.offsetForTimestamp(this.log, timestamp),
        (found) => found.offset < this.#endFor(isolation) ? found : LogReader.noTimestampOffset
      ))
  }

  maxTimestampOffset(currentLeaderEpoch?: number): Effect.Effect<TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () => LogReader.maxTimestampOffset(this.log))
  }

  earliestOffset(currentLeaderEpoch?: number): Effect.Effect<TimestampOffset, PartitionError> {
    return this.#asLeader(currentLeaderEpoch, () => Effect.succeed(this.#offsetAt(this.log.logStartOffset)))
  }

  latestOffset(
    isolation: Isolation,
    currentLeaderEpoch?: number
  ): Effect.Effect<TimestampOffset, PartitionError> {
    return this.#asLeader(
      currentLeaderEpoch,
      () => Effect.succeed({ timestamp: -1, offset: this.#endFor(isolation), leaderEpoch: this.leaderEpoch })
    )
  }

  #offsetAt(offset: number): TimestampOffset {
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
      () =>
        Effect.tap(LogRetention.deleteRecords(this.log, offset), () => {
          this.#notify()
          // What was acknowledged to be gone must not come back after a crash.
          return Effect.mapError(
            this.#keepStart,
            ({ message }) => partitionError(ErrorCode.KAFKA_STORAGE_ERROR, message)
          )
        })
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
