/**
 * The log of one partition on one disk: segments, epochs and producers under one lock.
 *
 * Keeps true: batches lie in ascending order of offsets; `logStartOffset <= highWatermark <= logEndOffset`; whatever
 * changes the log does so one at a time and is not interrupted halfway; readers never wait for it. After a failed
 * write or sync the log is offline: what is on disk is then unknown, so nothing is answered from it any more.
 * Leaves to others: when to sync and what the high watermark is (`Partition`), opening and recovery (`LogLoader`), what may be
 * written (`BatchAdmission`), reading (`LogReader`), what may be thrown away (`LogRetention`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { Disk, DiskError } from "@millrace/core/platform/Disk"
import { parentOf, writeFileAtomic } from "@millrace/core/platform/Disk"
import * as DiskPort from "@millrace/core/platform/Disk"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { Compression } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as BatchAdmission from "./BatchAdmission.ts"
import * as CheckpointFile from "./CheckpointFile.ts"
import * as LeaderEpochCache from "./LeaderEpochCache.ts"
import type { LogConfig } from "./LogConfig.ts"
import * as PartitionError from "./PartitionError.ts"
import * as PartitionMetadata from "./PartitionMetadata.ts"
import * as ProducerSnapshot from "./ProducerSnapshot.ts"
import type { ProducerState } from "./ProducerState.ts"
import { rebuildProducers, snapshotPath } from "./ProducerReplay.ts"
import { Segment } from "./Segment.ts"
import { SegmentList } from "./SegmentList.ts"

/**
 * What all logs of a process share. `sealAtRoll`: nothing is written to a new segment before the old one is durable, so
 * that a crash of the machine cannot leave a hole between them. `discard` closes and removes files that left a log,
 * after a while.
 *
 * @since 0.1.0
 */
export interface LogContext {
  readonly disk: Disk["Service"]
  readonly compression: Compression["Service"]
  readonly clock: Clock.Clock
  readonly producerExpirationMs: number
  readonly sealAtRoll: boolean
  readonly discard: (removal: Effect.Effect<void, DiskError>, delayMs: number) => void
}

/**
 * What can go wrong inside an operation on a log.
 *
 * @since 0.1.0
 */
export type LogFailure = DiskError | PartitionError.PartitionError

/**
 * Where a batch went. A duplicate answers with the offsets of the original. `logAppendTimeMs` is -1 unless the
 * topic uses log-append time.
 *
 * @since 0.1.0
 */
export interface AppendResult {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  readonly duplicate: boolean
}

/**
 * The end of a transaction, to be written as a control batch. `transactionVersion` 2 asks for a newer producer
 * epoch than any seen before; it is 0 when the writer does not say.
 *
 * @since 0.1.0
 */
export interface MarkerToWrite {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
  readonly transactionVersion?: number
}

/**
 * The parts of a log, as `LogLoader` puts them together.
 *
 * @since 0.1.0
 */
export interface LogParts {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | undefined
  readonly directory: string
  readonly config: LogConfig
  readonly segments: ReadonlyArray<Segment>
  readonly epochs: LeaderEpochCache.LeaderEpochCache
  readonly producers: ProducerState
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Segments below the active one whose indexes are not on the disk for good. */
  readonly unsealed: ReadonlyArray<Segment>
}

/**
 * A log that is open.
 *
 * @since 0.1.0
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly segments: SegmentList
  readonly epochs: LeaderEpochCache.LeaderEpochCache
  readonly producers: ProducerState
  readonly context: LogContext
  topicId: string | undefined
  directory: string
  config: LogConfig
  logStartOffset: number
  logEndOffset: number
  /** Never beyond what the durability policy protects. */
  highWatermark: number
  /** Everything below is on the disk for good; recovery begins at the segment that holds it. */
  recoveryPoint: number
  /** Whether its topic's configuration is known; retention must not touch it before. */
  configured = false
  /** Why the log answers no more, if so. */
  failure: PartitionError.PartitionError | undefined
  readonly #lock = Semaphore.makeUnsafe(1)
  #unsealed: ReadonlyArray<Segment> = []
  #namesDirty = true
  #truncations = 0
  readonly #jitter: number

  /** `jitter` in [0, 1): the share of `segment.jitter.ms` that this log rolls earlier. */
  constructor(context: LogContext, parts: LogParts, jitter: number) {
    this.context = context
    this.topic = parts.topic
    this.partition = parts.partition
    this.topicId = parts.topicId
    this.directory = parts.directory
    this.config = parts.config
    this.segments = new SegmentList(parts.segments)
    this.epochs = parts.epochs
    this.producers = parts.producers
    this.logStartOffset = parts.logStartOffset
    this.logEndOffset = parts.logEndOffset
    this.highWatermark = parts.logStartOffset
    this.recoveryPoint = parts.logStartOffset
    this.#unsealed = parts.unsealed
    this.#jitter = jitter
  }

  get lastStableOffset(): number {
    const unstable = this.producers.firstUnstableOffset
    return unstable === undefined || unstable > this.highWatermark ? this.highWatermark : unstable
  }

  /** Moves the high watermark, which never goes back; true if that changed what readers see. */
  advanceHighWatermark(offset: number): boolean {
    if (offset <= this.highWatermark) return false
    this.highWatermark = Math.min(offset, this.logEndOffset)
    this.producers.advanceHighWatermark(this.highWatermark)
    return true
  }

  /** Runs `body` alone and to its end; a disk error takes the log offline. */
  exclusively<A>(body: Effect.Effect<A, LogFailure>): Effect.Effect<A, PartitionError.PartitionError> {
    return this.#lock.withPermit(Effect.uninterruptible(this.guarded(body)))
  }

  /** Runs `body` unless the log is offline; a disk error takes it offline. */
  guarded<A>(body: Effect.Effect<A, LogFailure>): Effect.Effect<A, PartitionError.PartitionError> {
    return Effect.catchTag(
      Effect.suspend(() => this.failure === undefined ? body : Effect.fail(this.failure)),
      "DiskError",
      (error) => Effect.flatMap(this.fail(error), Effect.fail)
    )
  }

  /** Takes the log offline. */
  fail(error: DiskError): Effect.Effect<PartitionError.PartitionError> {
    return Effect.suspend(() => {
      const failure = PartitionError.make(ErrorCode.KAFKA_STORAGE_ERROR, error.message)
      // A closed file is a log that was deleted or shut down, not a disk that failed.
      if (this.failure !== undefined || error.reason === "Closed") return Effect.succeed(failure)
      this.failure = failure
      return Effect.as(
        Effect.logError(`log ${this.topic}-${this.partition} is offline: ${error.message}`, error.cause),
        failure
      )
    })
  }

  /** Checks a batch, gives it the next offsets and writes it at the end. */
  append(
    records: Uint8Array,
    options: BatchAdmission.LogAppend
  ): Effect.Effect<AppendResult, PartitionError.PartitionError> {
    return this.exclusively(this.#append(records, options))
  }

  #append = Effect.fnUntraced(function*(this: PartitionLog, records: Uint8Array, options: BatchAdmission.LogAppend) {
    const nowMs = this.context.clock.currentTimeMillisUnsafe()
    const batch = yield* BatchAdmission.admit(this, records, options, nowMs)
    const { baseOffset, bytes, lastOffset, logAppendTime, maxTimestamp } = batch
    if (options.origin === "client") {
      const original = this.producers.duplicateOf(bytes, 0)
      if (original !== undefined) {
        return {
          baseOffset: original.lastOffset - original.offsetDelta,
          lastOffset: original.lastOffset,
          logAppendTimeMs: this.config.timestampType === "LogAppendTime" ? original.timestamp : -1,
          logStartOffset: this.logStartOffset,
          duplicate: true
        }
      }
    }
    const refused = BatchAdmission.refusalOf(this, bytes, options)
    if (refused !== undefined) return yield* refused
    if (this.#isFull(bytes.length, maxTimestamp, lastOffset, nowMs)) yield* this.#roll(baseOffset, nowMs)
    yield* this.segments.active.write(bytes)
    if (this.#account(bytes)) yield* this.#writeEpochs
    return {
      baseOffset,
      lastOffset,
      logAppendTimeMs: logAppendTime,
      logStartOffset: this.logStartOffset,
      duplicate: false
    }
  })

  /** Writes the control batch that ends a transaction. */
  appendMarker(marker: MarkerToWrite, leaderEpoch: number): Effect.Effect<AppendResult, PartitionError.PartitionError> {
    return this.exclusively(Effect.suspend(() => {
      const refused = this.producers.checkMarker(marker, marker.transactionVersion ?? 0)
      if (refused !== undefined) return Effect.fail(refused)
      const { commit, coordinatorEpoch, producerEpoch, producerId } = marker
      const timestamp = this.context.clock.currentTimeMillisUnsafe()
      const type = commit ? "COMMIT" : "ABORT"
      const records = ControlRecord.buildMarker({ type, producerId, producerEpoch, coordinatorEpoch, timestamp })
      return this.#append(records, { origin: "coordinator", leaderEpoch, requestVersion: 0 })
    }))
  }

  #isFull(sizeBytes: number, maxTimestamp: number, lastOffset: number, nowMs: number): boolean {
    const { segmentBytes, segmentIndexBytes, segmentJitterMs, segmentMs } = this.config
    const jitterMs = Math.floor(this.#jitter * Math.min(segmentJitterMs, segmentMs))
    return this.segments.active.shouldRoll({ sizeBytes, maxTimestamp, lastOffset }, {
      segmentBytes,
      segmentIndexBytes,
      segmentMs: segmentMs - jitterMs
    }, nowMs)
  }

  /** Takes up a batch that was just written; true if it began a new epoch. */
  #account(bytes: Uint8Array): boolean {
    const segment = this.segments.active
    segment.track(bytes, 0, this.config.indexIntervalBytes)
    segment.lastModifiedMs = this.context.clock.currentTimeMillisUnsafe()
    const completed = this.producers.apply(bytes, 0)
    if (completed?.aborted === true) {
      const { firstOffset, lastOffset, producerId } = completed
      const lastStableOffset = this.producers.lastStableOffsetAfter(completed)
      segment.transactions.append({ producerId, firstOffset, lastOffset, lastStableOffset })
    }
    this.logEndOffset = RecordBatch.nextOffset(bytes, 0)
    return this.epochs.assign(RecordBatch.partitionLeaderEpoch(bytes, 0), RecordBatch.baseOffset(bytes, 0))
  }

  /** Begins a new segment at `baseOffset`; the old one is sealed at once or by the next `sync`. */
  #roll = Effect.fnUntraced(function*(this: PartitionLog, baseOffset: number, nowMs: number) {
    const old = this.segments.active
    if (old.size === 0 && old.baseOffset === baseOffset) return
    old.closeTimeIndex()
    if (this.context.sealAtRoll) yield* old.seal
    yield* this.#snapshotProducers
    const { directory } = this
    const { disk } = this.context
    const segment = new Segment({ disk, directory, baseOffset, fresh: true, size: 0, nowMs })
    yield* segment.file
    this.#namesDirty = true
    this.#unsealed = [...this.#unsealed, old]
    this.segments.add(segment)
  })

  readonly #snapshotProducers: Effect.Effect<void, DiskError> = Effect.suspend(() =>
    this.#provided(
      writeFileAtomic(
        snapshotPath(this.directory, this.logEndOffset),
        ProducerSnapshot.encode(this.producers.producers.values())
      )
    )
  )

  #provided<A, E>(effect: Effect.Effect<A, E, Disk>): Effect.Effect<A, E> {
    return Effect.provideService(effect, DiskPort.Disk, this.context.disk)
  }

  readonly #writeEpochs: Effect.Effect<void, DiskError> = Effect.suspend(() =>
    this.#provided(
      CheckpointFile.writeText(
        `${this.directory}/${LeaderEpochCache.fileName}`,
        CheckpointFile.format(this.epochs.lines())
      )
    )
  )

  /** Gives the log the topic id that its directory lacks: it was made just before a crash, or by an old Kafka. */
  adopt(topicId: string): Effect.Effect<void, PartitionError.PartitionError> {
    return this.exclusively(
      Effect.map(this.#provided(PartitionMetadata.write(this.directory, topicId)), () => {
        this.topicId = topicId
      })
    )
  }

  /** Notes that a new leader epoch begins at the end of the log. */
  beginEpoch(epoch: number): Effect.Effect<void, PartitionError.PartitionError> {
    return this.exclusively(
      Effect.suspend(() => this.epochs.assign(epoch, this.logEndOffset) ? this.#writeEpochs : Effect.void)
    )
  }

  /** Whether a sync is due for the sake of recovery, whatever the durability policy. */
  get hasUnsealed(): boolean {
    return this.#unsealed.length > 0
  }

  /**
   * Makes durable what is written now, and answers with the offset up to which that holds. Appends and reads go on
   * meanwhile; two syncs of one log must not overlap.
   */
  readonly sync: Effect.Effect<number, PartitionError.PartitionError> = Effect.suspend(() => this.guarded(this.#sync()))

  #sync(): Effect.Effect<number, DiskError> {
    return Effect.suspend(() => {
      const target = this.logEndOffset
      const truncations = this.#truncations
      const unsealed = this.#unsealed
      const active = this.segments.active
      const namesDirty = this.#namesDirty || unsealed.length > 0
      this.#namesDirty = false
      return Effect.forEach(unsealed, (segment) => segment.seal, { discard: true }).pipe(
        Effect.andThen(active.sync),
        Effect.andThen(namesDirty ? this.context.disk.syncDirectory(this.directory) : Effect.void),
        Effect.andThen(Effect.sync(() => {
          this.#unsealed = this.#unsealed.filter((segment) => !unsealed.includes(segment))
          // After a truncation the offsets synced may since have been written anew.
          if (truncations === this.#truncations) this.recoveryPoint = Math.max(this.recoveryPoint, target)
          return this.recoveryPoint
        })),
        Effect.onExit((exit) =>
          Effect.sync(() => {
            if (exit._tag === "Failure") this.#namesDirty = true
          })
        )
      )
    })
  }

  /** Takes segments out of the log; their files go after `file.delete.delay.ms`. Only inside `exclusively`. */
  removeSegments = Effect.fnUntraced(function*(this: PartitionLog, gone: ReadonlyArray<Segment>) {
    if (gone.length === 0) return
    if (gone.length === this.segments.all.length) {
      yield* this.#roll(this.logEndOffset, this.context.clock.currentTimeMillisUnsafe())
    }
    this.segments.remove(gone)
    this.#unsealed = this.#unsealed.filter((segment) => !gone.includes(segment))
    for (const segment of gone) {
      yield* segment.rename(".deleted")
      yield* this.context.disk.remove(snapshotPath(this.directory, segment.baseOffset))
      this.context.discard(segment.remove, this.config.fileDeleteDelayMs)
    }
    this.#namesDirty = true
  })

  /** Moves the start of the log forward, at most to the high watermark. Only inside `exclusively`. */
  advanceLogStart = Effect.fnUntraced(function*(this: PartitionLog, offset: number) {
    if (offset > this.highWatermark) {
      return yield* PartitionError.make(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `offset ${offset} is beyond the high watermark ${this.highWatermark}`
      )
    }
    if (offset <= this.logStartOffset) return
    this.logStartOffset = offset
    this.producers.advanceLogStart(offset)
    if (this.epochs.truncateFromStart(offset)) yield* this.#writeEpochs
  })

  /** Cuts everything from `offset` on (the whole batch that holds it). */
  truncateTo(offset: number): Effect.Effect<void, PartitionError.PartitionError> {
    return this.exclusively(Effect.suspend(() => offset >= this.logEndOffset ? Effect.void : this.#truncateTo(offset)))
  }

  #truncateTo = Effect.fnUntraced(function*(this: PartitionLog, offset: number) {
    const nowMs = this.context.clock.currentTimeMillisUnsafe()
    this.#truncations++
    const gone = this.segments.all.filter((segment) => segment.baseOffset > offset)
    this.logEndOffset = offset
    this.highWatermark = Math.min(this.highWatermark, offset)
    this.logStartOffset = Math.min(this.logStartOffset, offset)
    this.recoveryPoint = Math.min(this.recoveryPoint, offset)
    yield* this.removeSegments(gone)
    const { active } = this.segments
    this.#unsealed = this.#unsealed.filter((segment) => segment !== active)
    yield* active.truncateTo(offset, nowMs)
    // What was cut off must not come back after a crash, between records that were written since.
    yield* Effect.flatMap(active.file, (file) => file.sync)
    yield* this.context.disk.syncDirectory(this.directory)
    yield* active.loadTimestamps
    if (this.epochs.truncateFromEnd(offset)) yield* this.#writeEpochs
    yield* this.#provided(rebuildProducers(this.directory, this.segments.all, this.producers, {
      from: this.logStartOffset,
      to: offset,
      nowMs,
      expirationMs: this.context.producerExpirationMs
    }))
  })

  /** Forgets producers that were idle for too long. */
  readonly expireProducers: Effect.Effect<void> = Effect.sync(() =>
    this.producers.expire(MonotonicTime.millisUnsafe(this.context.clock), this.context.producerExpirationMs)
  )

  /** Makes everything durable, indexes and producers too, and closes the files. */
  readonly close: Effect.Effect<void, PartitionError.PartitionError> = Effect.suspend(() =>
    Effect.ensuring(
      this.exclusively(Effect.suspend(() => {
        const { active } = this.segments
        active.closeTimeIndex()
        return this.#snapshotProducers.pipe(
          Effect.andThen(this.sync),
          Effect.andThen(active.seal),
          Effect.andThen(this.context.disk.syncDirectory(this.directory))
        )
      })),
      this.closeFiles
    )
  )

  /** Closes the files as they are. */
  readonly closeFiles: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(this.segments.all, (segment) => segment.close, { discard: true })
  )

  /** Gives the directory another name, which from then on no one finds; removes it after a while. */
  delete(name: string): Effect.Effect<void, DiskError> {
    return Effect.map(this.#retire(name), () => {
      const removal = Effect.andThen(this.closeFiles, this.context.disk.remove(this.directory))
      this.context.discard(removal, this.config.fileDeleteDelayMs)
    })
  }

  /** Gives the directory another name, which from then on no one finds, and leaves it there. */
  setAside(name: string): Effect.Effect<void, DiskError> {
    return Effect.andThen(this.#retire(name), this.closeFiles)
  }

  #retire(name: string): Effect.Effect<void, DiskError> {
    return this.#lock.withPermit(Effect.uninterruptible(Effect.suspend(() => {
      const { disk } = this.context
      const parent = parentOf(this.directory)
      const renamed = `${parent}/${name}`
      return disk.rename(this.directory, renamed).pipe(
        Effect.andThen(disk.syncDirectory(parent)),
        Effect.andThen(Effect.sync(() => {
          this.directory = renamed
          this.failure = PartitionError.make(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "the partition was deleted")
        }))
      )
    })))
  }
}
