/**
 * One segment of a log: a file of batches from a base offset on, and its three indexes.
 *
 * Keeps true: `size` counts only bytes that were written and accounted for in the indexes; nothing reads beyond it.
 * Leaves to others: which offsets and batches may follow (`PartitionLog`), which segment to ask, when to sync.
 *
 * @since 0.1.0
 */
import type { Disk, DiskError, File } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import { searchBlockBytes, tailReadMaxBytes } from "../limits.ts"
import * as BatchScan from "./BatchScan.ts"
import { OffsetIndex } from "./OffsetIndex.ts"
import { ReadPositions } from "./ReadPositions.ts"
import { TimeIndex } from "./TimeIndex.ts"
import { TransactionIndex } from "./TransactionIndex.ts"

/**
 * The name of a segment's files, without suffix: its base offset in 20 digits.
 *
 * @since 0.1.0
 */
export const baseName = (offset: number): string => String(offset).padStart(20, "0")

/**
 * The suffixes of a segment's files; the log itself comes last.
 *
 * @since 0.1.0
 */
export const suffixes = [".index", ".timeindex", ".txnindex", ".log"] as const

/** The largest distance of an offset from its segment's base that an index can hold. */
const relativeOffsetMax = 0x7fffffff

/**
 * Where a batch lies.
 *
 * @since 0.1.0
 */
export interface BatchPlace {
  readonly position: number
  readonly sizeBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
}

/**
 * What a segment is made of: `fresh` ones have no files yet.
 *
 * @since 0.1.0
 */
export interface SegmentOptions {
  readonly disk: Disk["Service"]
  readonly directory: string
  readonly baseOffset: number
  readonly fresh: boolean
  readonly size: number
  readonly nowMs: number
}

/**
 * When a segment is full.
 *
 * @since 0.1.0
 */
export interface RollLimits {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentIndexBytes: number
}

/**
 * A segment, written to while it is its log's last.
 *
 * @since 0.1.0
 */
export class Segment {
  readonly baseOffset: number
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
  readonly transactions: TransactionIndex
  size: number
  /** Whether it is the last of its log, and so written to. */
  active = false
  /** Whether there may be bytes that a crash of the machine would take. */
  dirty = false
  /** Whether the indexes on disk are complete and durable; only then may recovery pass the segment over. */
  sealed = false
  lastModifiedMs: number
  /** Where readers stopped; another one after each cut, so that whoever read before it notes in vain. */
  readPositions = new ReadPositions()
  #createdMs: number
  #firstTimestamp: number | undefined
  #maxTimestamp = RecordBatch.noTimestamp
  #maxTimestampOffset: number
  #timestampsKnown: boolean
  #bytesSinceIndexEntry = 0
  #file: File | undefined
  readonly #disk: Disk["Service"]
  readonly #directory: string
  #suffix = ""

  constructor(options: SegmentOptions) {
    const { baseOffset, directory, disk, fresh, nowMs, size } = options
    const path = `${directory}/${baseName(baseOffset)}`
    this.#disk = disk
    this.#directory = directory
    this.baseOffset = baseOffset
    this.size = size
    this.offsets = new OffsetIndex(disk, `${path}.index`, baseOffset, fresh)
    this.times = new TimeIndex(disk, `${path}.timeindex`, baseOffset, fresh)
    this.transactions = new TransactionIndex(disk, `${path}.txnindex`, fresh)
    this.#createdMs = nowMs
    this.lastModifiedMs = nowMs
    this.#timestampsKnown = fresh
    this.#maxTimestampOffset = baseOffset
  }

  #path(suffix: string): string {
    return `${this.#directory}/${baseName(this.baseOffset)}${suffix}${this.#suffix}`
  }

  /** The log file, opened once and kept. */
  readonly file: Effect.Effect<File, DiskError> = Effect.suspend(() =>
    this.#file !== undefined
      ? Effect.succeed(this.#file)
      : Effect.flatMap(this.#disk.open(this.#path(".log"), "write"), (file) => {
        // Another fiber may have opened it meanwhile.
        if (this.#file !== undefined) return Effect.as(file.close, this.#file)
        this.#file = file
        return Effect.succeed(file)
      })
  )

  #near(position: number): boolean {
    return this.active && this.size - position <= tailReadMaxBytes
  }

  /** Loads the indexes, if they are not in memory. */
  readonly load: Effect.Effect<void, DiskError> = Effect.suspend(() =>
    this.offsets.file.resident && this.times.file.resident && this.transactions.file.resident
      ? Effect.void
      : Effect.andThen(
        Effect.andThen(this.offsets.file.load, this.times.file.load),
        this.transactions.file.load
      )
  )

  /** Frees what `load` loaded, as far as the files hold it. */
  release(): void {
    this.offsets.file.release()
    this.times.file.release()
    this.transactions.file.release()
  }

  /** Writes batches at the end. They count once `track` has seen them. */
  write(records: Uint8Array): Effect.Effect<void, DiskError> {
    return Effect.flatMap(this.file, (file) => {
      this.dirty = true
      // Also where an orderly stop had sealed it: what is tracked from now on is in no index file.
      this.sealed = false
      return this.#dirtied(file.write([records], this.size))
    })
  }

  /** Dirty once more when a change has taken effect: a sync that began meanwhile may have missed it. */
  #dirtied(change: Effect.Effect<void, DiskError>): Effect.Effect<void, DiskError> {
    return Effect.map(change, () => {
      this.dirty = true
    })
  }

  /** Accounts for the next batch of the file, at `at` of `bytes`. */
  track(bytes: Uint8Array, at: number, indexIntervalBytes: number): void {
    const maxTimestamp = RecordBatch.maxTimestamp(bytes, at)
    const lastOffset = RecordBatch.lastOffset(bytes, at)
    const sizeBytes = RecordBatch.sizeInBytes(bytes, at)
    if (this.size === 0) this.#firstTimestamp = maxTimestamp
    if (maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = maxTimestamp
      this.#maxTimestampOffset = lastOffset
    }
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsets.append(lastOffset, this.size)
      this.times.maybeAppend(this.#maxTimestamp, this.#maxTimestampOffset)
      this.#bytesSinceIndexEntry = 0
    }
    this.#bytesSinceIndexEntry += sizeBytes
    this.size += sizeBytes
  }

  /** Starts accounting anew: indexes empty, nothing tracked. */
  reset(): void {
    for (const index of [this.offsets, this.times, this.transactions]) index.file.clear()
    this.size = 0
    this.readPositions = new ReadPositions()
    this.sealed = false
    this.#bytesSinceIndexEntry = 0
    this.#forgetTimestamps(true)
  }

  #forgetTimestamps(known: boolean): void {
    this.#timestampsKnown = known
    this.#maxTimestamp = RecordBatch.noTimestamp
    this.#maxTimestampOffset = this.baseOffset
    this.#firstTimestamp = undefined
  }

  /** Whether the next `sizeBytes` bytes, with these timestamps and offsets, belong into a new segment. */
  shouldRoll(
    next: { readonly sizeBytes: number; readonly maxTimestamp: number; readonly lastOffset: number },
    limits: RollLimits,
    nowMs: number
  ): boolean {
    const first = this.#firstTimestamp
    const waitedMs = first !== undefined && first >= 0 ? next.maxTimestamp - first : nowMs - this.#createdMs
    return this.size > limits.segmentBytes - next.sizeBytes ||
      (this.size > 0 && waitedMs > limits.segmentMs) ||
      this.offsets.isFull(limits.segmentIndexBytes) ||
      this.times.isFull(limits.segmentIndexBytes) ||
      next.lastOffset - this.baseOffset > relativeOffsetMax
  }

  /** The first batch that ends at or after `offset`. */
  locate(offset: number): Effect.Effect<BatchPlace | undefined, DiskError> {
    return Effect.flatMap(Effect.andThen(this.load, this.file), (file) => {
      let found: BatchPlace | undefined
      const from = this.offsets.positionBefore(offset)
      const range = { from, end: this.size, whole: false, blockBytes: searchBlockBytes }
      const search = BatchScan.run(file, this.#near(from), range, (bytes, at, position) => {
        const lastOffset = RecordBatch.lastOffset(bytes, at)
        if (lastOffset < offset) return true
        const sizeBytes = RecordBatch.sizeInBytes(bytes, at)
        found = { position, sizeBytes, baseOffset: RecordBatch.baseOffset(bytes, at), lastOffset }
        return false
      })
      return Effect.map(search, () => found)
    })
  }

  /** Bytes from `position` on, at most up to what was the end when this began. */
  read(position: number, maxBytes: number, allocate?: BatchScan.Allocate): Effect.Effect<Uint8Array, DiskError> {
    return Effect.flatMap(this.file, (file) => {
      const length = Math.min(maxBytes, this.size - position)
      return BatchScan.readBytes(file, this.#near(position), position, length, allocate)
    })
  }

  /** Walks over all batches from `position` on; `whole` if the visitor needs the records too. */
  scan(
    range: { readonly from: number; readonly whole: boolean; readonly blockBytes: number; readonly end?: number },
    visit: BatchScan.Visit
  ): Effect.Effect<BatchScan.BatchScan, DiskError> {
    return Effect.flatMap(this.file, (file) => BatchScan.run(file, false, { end: this.size, ...range }, visit))
  }

  /** Whether `size` bytes and the indexes can belong together. */
  isSane(): boolean {
    return this.offsets.isSane(this.size)
  }

  /** Finds the largest timestamp and the first one, for a segment that was not written by this process. */
  readonly loadTimestamps: Effect.Effect<void, DiskError> = Effect.suspend(() => {
    if (this.#timestampsKnown) return Effect.void
    return Effect.flatMap(this.load, () => {
      let first: number | undefined
      let maxTimestamp = this.times.lastTimestamp
      let offset = this.times.lastOffset
      const head = this.scan({ from: 0, whole: false, blockBytes: RecordBatch.headerSizeBytes }, (bytes, at) => {
        first = RecordBatch.maxTimestamp(bytes, at)
        return false
      })
      const from = this.offsets.positionBefore(offset)
      const tail = this.scan({ from, whole: false, blockBytes: searchBlockBytes }, (bytes, at) => {
        const timestamp = RecordBatch.maxTimestamp(bytes, at)
        if (timestamp > maxTimestamp) {
          maxTimestamp = timestamp
          offset = RecordBatch.lastOffset(bytes, at)
        }
        return true
      })
      return Effect.map(Effect.andThen(head, tail), () => {
        if (this.#timestampsKnown) return
        this.#firstTimestamp = first
        this.#maxTimestamp = maxTimestamp
        this.#maxTimestampOffset = offset
        this.#timestampsKnown = true
      })
    })
  })

  /** The largest timestamp, -1 if there is none; known after `loadTimestamps`. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** The last offset of the batch with the largest timestamp; known after `loadTimestamps`. */
  get maxTimestampOffset(): number {
    return this.#maxTimestampOffset
  }

  /** What retention goes by: the largest timestamp, or when the file was last changed. */
  get retentionTimestamp(): number {
    return this.#maxTimestamp >= 0 ? this.#maxTimestamp : this.lastModifiedMs
  }

  /** Adds the last entry of the time index, which says how late the segment's records are. */
  closeTimeIndex(): void {
    if (this.#maxTimestamp >= 0 && this.times.file.resident) {
      this.times.maybeAppend(this.#maxTimestamp, this.#maxTimestampOffset)
    }
  }

  /** Makes the records durable. What is written while the disk works stays dirty. */
  readonly sync: Effect.Effect<void, DiskError> = Effect.suspend(() => {
    if (!this.dirty) return Effect.void
    return Effect.flatMap(this.file, (file) => {
      this.dirty = false
      // Interrupted or failed, nothing is known to be durable.
      return Effect.onExit(file.sync, (exit) =>
        Effect.sync(() => {
          if (exit._tag === "Failure") this.dirty = true
        }))
    })
  })

  /** Makes records and indexes durable; the names are the caller's to sync. */
  readonly seal: Effect.Effect<void, DiskError> = Effect.suspend(() => {
    if (this.sealed) return this.sync
    return this.sync.pipe(
      Effect.andThen(this.offsets.file.persist(true)),
      Effect.andThen(this.times.file.persist(true)),
      Effect.andThen(this.transactions.file.persist(false)),
      Effect.andThen(Effect.sync(() => {
        this.sealed = !this.active
      }))
    )
  })

  /** Cuts everything from the batch that holds `offset` on. */
  truncateTo(offset: number, nowMs: number): Effect.Effect<void, DiskError> {
    return Effect.flatMap(this.locate(offset), (place) => {
      this.offsets.truncateTo(offset)
      this.times.truncateTo(offset)
      this.transactions.truncateTo(offset)
      this.sealed = false
      return place === undefined ? Effect.void : this.cutAt(place.position, nowMs)
    })
  }

  /** Cuts the file at `position`; the indexes are the caller's. */
  cutAt(position: number, nowMs: number): Effect.Effect<void, DiskError> {
    return Effect.flatMap(this.file, (file) => {
      this.size = position
      this.readPositions = new ReadPositions()
      this.dirty = true
      this.#forgetTimestamps(position === 0)
      this.#bytesSinceIndexEntry = 0
      if (position === 0) this.#createdMs = nowMs
      return this.#dirtied(file.truncate(position))
    })
  }

  /** Gives all files a suffix, such as `.deleted`; reads under way go on. */
  rename(suffix: string): Effect.Effect<void, DiskError> {
    return Effect.forEach(suffixes, (kind) =>
      Effect.catchIf(
        this.#disk.rename(this.#path(kind), this.#path(kind) + suffix),
        (error) => error.reason === "NotFound",
        () => Effect.void
      ), { discard: true }).pipe(
        Effect.andThen(Effect.sync(() => {
          this.#suffix = suffix
        }))
      )
  }

  /** Closes and removes all files. */
  readonly remove: Effect.Effect<void, DiskError> = Effect.suspend(() =>
    Effect.andThen(
      this.close,
      Effect.forEach(suffixes, (kind) => this.#disk.remove(this.#path(kind)), { discard: true })
    )
  )

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    const file = this.#file
    this.#file = undefined
    return file === undefined ? Effect.void : file.close
  })
}
