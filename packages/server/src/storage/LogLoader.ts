/**
 * Opening the directory of a log, after an orderly stop or a crash.
 *
 * Keeps true: after a crash every batch from the recovery point on is checked again, the log ends before the first bad
 * one (unless that is known to be damage: `Rot`), and indexes and producers say what the log says; what was synced is not
 * lost, and when the log opens, all that it holds is durable. Kafka's own leftovers (`.deleted`, `.cleaned`, `.swap`, preallocated indexes) are understood.
 * Leaves to others: which directories are logs (`LogManager`).
 *
 * @since 0.1.0
 */
import type { Disk } from "@millrace/core/platform/Disk"
import * as DiskPort from "@millrace/core/platform/Disk"
import * as LegacyRecords from "@millrace/core/records/LegacyRecords"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { recoveryBlockBytes, searchBlockBytes } from "../limits.ts"
import * as BatchScan from "./BatchScan.ts"
import * as CheckpointFile from "./CheckpointFile.ts"
import * as LeaderEpochCache from "./LeaderEpochCache.ts"
import type { LogConfig } from "./LogConfig.ts"
import { type LogContext, PartitionLog } from "./PartitionLog.ts"
import * as PartitionMetadata from "./PartitionMetadata.ts"
import { rebuildProducers, snapshotOffsets, snapshotPath } from "./ProducerReplay.ts"
import { ProducerState } from "./ProducerState.ts"
import * as Rot from "./Rot.ts"
import { Segment, suffixes } from "./Segment.ts"
import { corruptFile, StorageError } from "./StorageError.ts"

/**
 * A log to open. `clean`: it was closed in order, so its files can be trusted. `recoveryPoint` and `logStartOffset` are
 * what the checkpoints of its log directory say, 0 if nothing. `isSerial`: each batch was durable before the next was
 * written. `jitter`: see `PartitionLog`.
 *
 * @since 0.1.0
 */
export interface LogToOpen {
  readonly topic: string
  readonly partition: number
  readonly directory: string
  readonly config: LogConfig
  readonly clean: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly isSerial: boolean
  readonly jitter: number
}

/** A log while it is being put together. */
interface Loading extends LogToOpen {
  readonly context: LogContext
  readonly epochs: LeaderEpochCache.LeaderEpochCache
  readonly producers: ProducerState
  readonly nowMs: number
}

/**
 * Opens a log. Its high watermark is its start until the partition says otherwise.
 *
 * @since 0.1.0
 */
export const open = (context: LogContext, options: LogToOpen) =>
  Effect.provideService(openLog(context, options), DiskPort.Disk, context.disk)

const openLog = Effect.fnUntraced(function*(context: LogContext, options: LogToOpen) {
  const { directory } = options
  yield* removeLeftovers(directory)
  const topicId = yield* PartitionMetadata.read(directory)
  const epochPath = `${directory}/${LeaderEpochCache.fileName}`
  const epochLines = yield* CheckpointFile.readLines(epochPath)
  const entries = LeaderEpochCache.entriesOf(epochLines)
  if (entries === undefined) return yield* corruptFile(epochPath, "unreadable epochs")
  const loading: Loading = {
    ...options,
    context,
    epochs: new LeaderEpochCache.LeaderEpochCache(entries),
    producers: new ProducerState(),
    nowMs: context.clock.currentTimeMillisUnsafe()
  }
  const found = yield* findSegments(loading)
  const { logEndOffset, segments, unsealed } = yield* settle(loading, found)
  const logStartOffset = Math.max(options.logStartOffset, segments[0]!.baseOffset)
  loading.epochs.truncateFromEnd(logEndOffset)
  loading.epochs.truncateFromStart(logStartOffset)
  const epochText = CheckpointFile.format(loading.epochs.lines())
  if (epochText !== CheckpointFile.format(epochLines)) yield* CheckpointFile.writeText(epochPath, epochText)
  const log = new PartitionLog(context, {
    ...loading,
    topicId,
    segments,
    unsealed,
    logStartOffset,
    logEndOffset
  }, options.jitter)
  yield* segments.at(-1)!.loadTimestamps
  yield* removeStraySnapshots(log)
  // Nothing that readers will see may depend on what only the page cache holds.
  yield* Effect.mapError(
    log.sync,
    ({ message }) => new StorageError({ reason: "DiskFailed", path: directory, detail: message })
  )
  return log
})

/** Throws away what was being deleted or cleaned, and finishes a replacement that was under way. */
const removeLeftovers = Effect.fnUntraced(function*(directory: string) {
  const disk = yield* DiskPort.Disk
  const names = yield* disk.list(directory)
  const cleaned = names.filter((name) => name.endsWith(".cleaned"))
  const firstCleaned = Math.min(...cleaned.map(offsetOf))
  for (const name of [...cleaned, ...names.filter((name) => name.endsWith(".deleted"))]) {
    yield* disk.remove(`${directory}/${name}`)
  }
  // A swap beside a `.cleaned` was not complete: its originals are still there.
  const swaps = names.filter((name) => name.endsWith(".swap"))
  const complete = swaps.filter((name) => offsetOf(name) < firstCleaned)
  for (const name of swaps) if (!complete.includes(name)) yield* disk.remove(`${directory}/${name}`)
  if (complete.length > 0) yield* finishSwap(directory, names, complete)
})

const offsetOf = (name: string): number => Number(name.slice(0, 20))

const finishSwap = Effect.fnUntraced(function*(
  directory: string,
  names: ReadonlyArray<string>,
  swaps: ReadonlyArray<string>
) {
  const disk = yield* DiskPort.Disk
  const logs = swaps.filter((name) => name.endsWith(".log.swap"))
  let end = -1
  for (const name of logs) end = Math.max(end, yield* endOfFile(disk, `${directory}/${name}`, offsetOf(name)))
  const begin = Math.min(...logs.map(offsetOf))
  for (const name of names) {
    if (!suffixes.some((suffix) => name.endsWith(suffix))) continue
    if (offsetOf(name) >= begin && offsetOf(name) < end) yield* disk.remove(`${directory}/${name}`)
  }
  for (const name of swaps) {
    yield* disk.rename(`${directory}/${name}`, `${directory}/${name.slice(0, -".swap".length)}`)
  }
  yield* disk.syncDirectory(directory)
})

const endOfFile = (disk: Disk["Service"], path: string, baseOffset: number) =>
  Effect.acquireUseRelease(
    disk.open(path, "read"),
    Effect.fnUntraced(function*(file) {
      let next = baseOffset
      const range = { from: 0, end: yield* file.size, whole: false, blockBytes: searchBlockBytes }
      yield* BatchScan.run(file, false, range, (bytes, at) => {
        next = RecordBatch.nextOffset(bytes, at)
        return true
      })
      return next
    }),
    (file) => file.close
  )

/** The segments in the directory, at least one; indexes without a log are thrown away. */
const findSegments = Effect.fnUntraced(function*(loading: Loading) {
  const { context, directory, nowMs } = loading
  const { disk } = context
  const names = yield* disk.list(directory)
  const segments: Array<Segment> = []
  for (const name of names.filter((name) => /^\d{20}\.log$/.test(name))) {
    const entry = yield* disk.stat(`${directory}/${name}`)
    if (Option.isNone(entry)) continue
    const { modifiedMs, size } = entry.value
    const segment = new Segment({ disk, directory, baseOffset: offsetOf(name), fresh: false, size, nowMs: modifiedMs })
    segment.sealed = true
    segments.push(segment)
  }
  for (const name of names.filter((name) => /^\d{20}\.(index|timeindex|txnindex)$/.test(name))) {
    if (!names.includes(`${name.slice(0, 20)}.log`)) yield* disk.remove(`${directory}/${name}`)
  }
  if (segments.length === 0) segments.push(yield* freshSegment(loading, loading.logStartOffset, nowMs))
  return segments
})

const freshSegment = Effect.fnUntraced(function*(loading: Loading, baseOffset: number, nowMs: number) {
  const { context, directory } = loading
  const segment = new Segment({ disk: context.disk, directory, baseOffset, fresh: true, size: 0, nowMs })
  yield* segment.file
  return segment
})

interface Settled {
  readonly segments: ReadonlyArray<Segment>
  readonly unsealed: ReadonlyArray<Segment>
  readonly logEndOffset: number
}

/** Finds the end of the log, after recovery where that is needed. */
const settle = Effect.fnUntraced(function*(loading: Loading, found: ReadonlyArray<Segment>) {
  const active = found.at(-1)!
  yield* active.load
  const end = loading.clean && active.isSane() ? yield* endOf(active) : undefined
  const first = end !== undefined
    ? found.length
    : loading.clean
    ? found.length - 1
    : Math.max(0, found.findLastIndex((segment) => segment.baseOffset <= loading.recoveryPoint))
  const settled: Settled = end !== undefined
    ? { segments: found, unsealed: [], logEndOffset: end }
    : yield* recover(loading, found, first)
  yield* Rot.refuseShort(loading, settled.logEndOffset)
  if (settled.logEndOffset < loading.logStartOffset) return yield* startOver(loading, settled.segments)
  // Recovery has folded the producers on its way.
  if (end !== undefined) yield* replay(loading, settled.segments, end)
  return settled
})

/** The offset after the last batch, or undefined if the file does not end with a whole one. */
const endOf = Effect.fnUntraced(function*(segment: Segment) {
  let next = segment.baseOffset
  const from = segment.offsets.positionBefore(Number.MAX_SAFE_INTEGER)
  const scan = yield* segment.scan({ from, whole: false, blockBytes: searchBlockBytes }, (bytes, at) => {
    next = RecordBatch.nextOffset(bytes, at)
    return true
  })
  return scan.atBadBatch ? undefined : next
})

const replay = (loading: Loading, segments: ReadonlyArray<Segment>, to: number) =>
  rebuildProducers(loading.directory, segments, loading.producers, {
    from: Math.max(loading.logStartOffset, segments[0]!.baseOffset),
    to,
    nowMs: loading.nowMs,
    expirationMs: loading.context.producerExpirationMs
  })

/** Checks all segments from number `first` on; the log ends where they cease to be right. */
const recover = Effect.fnUntraced(function*(loading: Loading, found: ReadonlyArray<Segment>, first: number) {
  let end = found[first]!.baseOffset
  yield* replay(loading, found, end)
  for (let index = first; index < found.length; index++) {
    const segment = found[index]!
    const size = segment.size
    end = yield* recoverSegment(loading, segment, Math.max(end, segment.baseOffset))
    if (segment.size === size) continue
    yield* Rot.refuseShort(loading, end)
    yield* cutOff(loading, segment, size)
    for (const later of found.slice(index + 1)) yield* later.remove
    return settledAt(found.slice(0, index + 1), first, end)
  }
  return settledAt(found, first, end)
})

const settledAt = (segments: ReadonlyArray<Segment>, first: number, logEndOffset: number): Settled => ({
  segments,
  unsealed: segments.slice(first, -1),
  logEndOffset
})

/** Checks one segment up to the first bad batch, and builds its indexes anew; answers with its end offset. */
const recoverSegment = Effect.fnUntraced(function*(loading: Loading, segment: Segment, startOffset: number) {
  const { compression } = loading.context
  const fileSize = segment.size
  let next = startOffset
  let synced = 0
  segment.reset()
  segment.dirty = true
  const range = { from: 0, end: fileSize, whole: true, blockBytes: recoveryBlockBytes }
  const scan = yield* segment.scan(range, (bytes, at, position) => {
    const baseOffset = RecordBatch.baseOffset(bytes, at)
    if (baseOffset < next || RecordBatch.lastOffset(bytes, at) - segment.baseOffset > 0x7fffffff) return false
    if (RecordBatch.magic(bytes, at) !== RecordBatch.magicCurrent) return false
    if (RecordBatch.lastOffsetDelta(bytes, at) < 0 || !RecordBatch.isValidCrc(bytes, at, compression.crc32c)) {
      return false
    }
    takeUp(loading, segment, bytes, at)
    next = RecordBatch.nextOffset(bytes, at)
    if (next <= loading.recoveryPoint) synced = position + RecordBatch.sizeInBytes(bytes, at)
    return true
  })
  yield* writeAgain(segment, synced, scan.position)
  segment.closeTimeIndex()
  return next
})

/** Ends a segment that was checked behind its last sound batch. */
const cutOff = Effect.fnUntraced(function*(loading: Loading, segment: Segment, fileSize: number) {
  yield* refuseLegacy(segment, fileSize)
  const file = yield* segment.file
  const cut = { from: segment.size, end: fileSize }
  yield* Rot.refuseSound(loading, file, cut, loading.context.compression.crc32c)
  yield* Effect.logWarning(`log ${file.path}: ${cut.end - cut.from} bytes that are no whole batches are cut off`)
  yield* file.truncate(cut.from)
})

/**
 * Writes again what may never have been synced. After a sync that failed the page cache still has it, and takes it for
 * written: no later sync would bring it to the disk.
 */
const writeAgain = Effect.fnUntraced(function*(segment: Segment, from: number, end: number) {
  const file = yield* segment.file
  for (let at = from; at < end; at += recoveryBlockBytes) {
    const bytes = yield* BatchScan.readBytes(file, false, at, Math.min(recoveryBlockBytes, end - at))
    yield* file.write([bytes], at)
  }
})

/** Accounts for a recovered batch as if it had just been appended. */
const takeUp = (loading: Loading, segment: Segment, bytes: Uint8Array, at: number): void => {
  segment.track(bytes, at, loading.config.indexIntervalBytes)
  const completed = loading.producers.apply(bytes, at)
  if (completed?.aborted === true) {
    const lastStableOffset = loading.producers.lastStableOffsetAfter(completed)
    segment.transactions.append({ ...completed, lastStableOffset })
  }
  const epoch = RecordBatch.partitionLeaderEpoch(bytes, at)
  if (epoch > loading.epochs.latestEpoch) loading.epochs.assign(epoch, RecordBatch.baseOffset(bytes, at))
}

/** Messages of old formats are not bad batches, and must not be cut off as such; a torn batch may look like one. */
const refuseLegacy = Effect.fnUntraced(function*(segment: Segment, fileSize: number) {
  const file = yield* segment.file
  const head = yield* BatchScan.readBytes(file, false, 0, Math.min(fileSize, RecordBatch.magicAt + 1))
  if (head.length <= RecordBatch.magicAt) return
  const magic = RecordBatch.magic(head, 0)
  const size = RecordBatch.sizeInBytes(head, 0)
  if ((magic !== 0 && magic !== 1) || size < LegacyRecords.overheadBytes(magic) || size > fileSize) return
  if (LegacyRecords.isValidCrc(yield* BatchScan.readBytes(file, false, 0, size), 0)) {
    return yield* new StorageError({
      reason: "UnsupportedFormat",
      path: file.path,
      detail: `record batches of magic ${magic} are not supported; only magic 2 is`
    })
  }
})

/** The log was cut back below its start: nothing of it counts any more. */
const startOver = Effect.fnUntraced(function*(loading: Loading, segments: ReadonlyArray<Segment>) {
  for (const segment of segments) yield* segment.remove
  for (const offset of yield* snapshotOffsets(loading.directory)) {
    yield* loading.context.disk.remove(snapshotPath(loading.directory, offset))
  }
  loading.producers.restore([], loading.logStartOffset)
  const segment = yield* freshSegment(loading, loading.logStartOffset, loading.nowMs)
  return { segments: [segment], unsealed: [], logEndOffset: loading.logStartOffset }
})

/** Of the snapshots that belong to no segment, only the latest is of use. */
const removeStraySnapshots = Effect.fnUntraced(function*(log: PartitionLog) {
  const bases = new Set(log.segments.all.map((segment) => segment.baseOffset))
  const stray = (yield* snapshotOffsets(log.directory)).filter((offset) => !bases.has(offset))
  const latest = stray.at(-1)
  for (const offset of stray) {
    if (offset === latest && offset > log.segments.active.baseOffset) continue
    yield* log.context.disk.remove(snapshotPath(log.directory, offset))
  }
})

/**
 * The files that a new log begins with.
 *
 * @since 0.1.0
 */
export const prepare = Effect.fnUntraced(function*(directory: string, topicId: string) {
  const disk = yield* DiskPort.Disk
  yield* disk.makeDirectory(directory)
  yield* PartitionMetadata.write(directory, topicId)
  yield* disk.syncDirectory(DiskPort.parentOf(directory))
})

/**
 * The name of a directory whose log is not in service any more: it is being deleted (`delete`), or was set aside because
 * the metadata does not know it (`stray`). `unique` is 32 hexadecimal digits.
 *
 * @since 0.1.0
 */
export const retiredName = (topic: string, partition: number, unique: string, why: "delete" | "stray"): string => {
  const tail = `-${partition}.${unique}-${why}`
  return topic.slice(0, 255 - tail.length) + tail
}

/**
 * The topic and partition that a directory's name stands for; undefined if it is not that of a log.
 *
 * @since 0.1.0
 */
export const parseName = (name: string): { readonly topic: string; readonly partition: number } | undefined => {
  const match = /^([a-zA-Z0-9._-]{1,249})-(\d+)$/.exec(name)
  return match === null ? undefined : { topic: match[1]!, partition: Number(match[2]) }
}
