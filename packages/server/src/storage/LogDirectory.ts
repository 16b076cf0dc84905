/**
 * One directory of `log.dirs`: its identity, its lock, its checkpoints, and whether it was left in order.
 *
 * Keeps true: one process holds a directory at a time; the mark of an orderly stop is gone before anything is written.
 * Leaves to others: the logs in it (`LogManager`, `LogLoader`).
 *
 * @since 0.1.0
 */
import * as Uuid from "@millrace/core/protocol/Uuid"
import { Disk, type DiskError, parentOf } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import * as CheckpointFile from "./CheckpointFile.ts"
import { type Flusher, makeFlusher } from "./Durability.ts"
import * as LogLoader from "./LogLoader.ts"
import * as MetaProperties from "./MetaProperties.ts"
import type { PartitionLog } from "./PartitionLog.ts"
import { StorageError } from "./StorageError.ts"

const cleanShutdownFile = ".kafka_cleanshutdown"
const recoveryPointFile = "recovery-point-offset-checkpoint"
const logStartFile = "log-start-offset-checkpoint"
const highWatermarkFile = "replication-offset-checkpoint"

/**
 * A log directory that is open. `clean`: the last process stopped in order.
 *
 * @since 0.1.0
 */
export interface LogDirectory {
  readonly path: string
  readonly clusterId: string
  readonly directoryId: string
  readonly clean: boolean
  readonly recoveryPoints: ReadonlyMap<string, number>
  readonly logStarts: ReadonlyMap<string, number>
  readonly flusher: Flusher
  /** What each checkpoint held when it was last written. */
  readonly written: Map<string, string>
  /** One checkpoint is written at a time. */
  readonly writing: Semaphore.Semaphore
}

/**
 * Who opens a directory. Without a cluster id any is accepted, and a new directory gets a new one.
 *
 * @since 0.1.0
 */
export interface Owner {
  readonly nodeId: number
  readonly clusterId: string | undefined
}

const identify = Effect.fnUntraced(function*(path: string, owner: Owner) {
  const found = yield* MetaProperties.read(path)
  if (found === undefined) {
    const { nodeId } = owner
    const made = { clusterId: owner.clusterId ?? (yield* Uuid.make), nodeId, directoryId: yield* Uuid.make }
    yield* MetaProperties.write(path, made)
    return made
  }
  const wrong = found.nodeId !== owner.nodeId
    ? `belongs to node ${found.nodeId}, not to ${owner.nodeId}`
    : owner.clusterId !== undefined && found.clusterId !== owner.clusterId
    ? `belongs to cluster ${found.clusterId}, not to ${owner.clusterId}`
    : undefined
  if (wrong !== undefined) {
    return yield* new StorageError({ reason: "WrongDirectory", path, detail: `the log directory ${wrong}` })
  }
  if (found.directoryId !== undefined) return { ...found, directoryId: found.directoryId }
  const completed = { ...found, directoryId: yield* Uuid.make }
  yield* MetaProperties.write(path, completed)
  return completed
})

/** Makes a directory whose name, and those of its new parents, survive a crash. */
const makeDurable = (path: string): Effect.Effect<void, DiskError, Disk> =>
  Effect.gen(function*() {
    const disk = yield* Disk
    const parent = parentOf(path)
    if (parent !== path && Option.isNone(yield* disk.stat(parent))) yield* makeDurable(parent)
    yield* disk.makeDirectory(path)
    yield* disk.syncDirectory(parent)
  })

/**
 * Takes hold of a directory, which is made if it is missing, until the scope ends.
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function*(path: string, owner: Owner) {
  const disk = yield* Disk
  yield* makeDurable(path)
  yield* disk.lock(`${path}/.lock`)
  const { clusterId, directoryId } = yield* identify(path, owner)
  const mark = `${path}/${cleanShutdownFile}`
  const clean = Option.isSome(yield* disk.stat(mark))
  if (clean) {
    yield* disk.remove(mark)
    yield* disk.syncDirectory(path)
  }
  const recoveryPoints = yield* CheckpointFile.readOffsets(`${path}/${recoveryPointFile}`)
  const logStarts = yield* CheckpointFile.readOffsets(`${path}/${logStartFile}`)
  const flusher = yield* makeFlusher
  const written = new Map<string, string>()
  return {
    path,
    clusterId,
    directoryId,
    clean,
    recoveryPoints,
    logStarts,
    flusher,
    written,
    writing: Semaphore.makeUnsafe(1)
  }
})

/**
 * The logs in a directory, by name; directories that were being deleted are removed.
 *
 * @since 0.1.0
 */
export const findLogs = Effect.fnUntraced(function*(directory: LogDirectory) {
  const disk = yield* Disk
  const logs: Array<{ readonly name: string; readonly topic: string; readonly partition: number }> = []
  // A process may have died between making a log's directory and making its name durable.
  yield* disk.syncDirectory(directory.path)
  for (const name of yield* disk.list(directory.path)) {
    if (name.endsWith("-delete")) yield* disk.remove(`${directory.path}/${name}`)
    const parsed = LogLoader.parseName(name)
    if (parsed === undefined) continue
    const entry = yield* disk.stat(`${directory.path}/${name}`)
    if (Option.isSome(entry) && entry.value.kind === "directory") logs.push({ name, ...parsed })
  }
  return logs
})

const writeCheckpoint = Effect.fnUntraced(function*(
  directory: LogDirectory,
  file: string,
  offsets: () => ReadonlyArray<CheckpointFile.PartitionOffset>
) {
  const text = CheckpointFile.formatOffsets(offsets())
  if (directory.written.get(file) === text) return
  yield* CheckpointFile.writeText(`${directory.path}/${file}`, text)
  directory.written.set(file, text)
}, (write, directory) => directory.writing.withPermit(Effect.uninterruptible(write)))

/**
 * Writes from where recovery has to begin, and where logs start that do not start with their first segment.
 *
 * @since 0.1.0
 */
export const writeRecoveryPoints = Effect.fnUntraced(function*(
  directory: LogDirectory,
  logs: ReadonlyArray<PartitionLog>
) {
  yield* writeCheckpoint(
    directory,
    recoveryPointFile,
    () => logs.map(({ partition, recoveryPoint, topic }) => ({ topic, partition, offset: recoveryPoint }))
  )
  yield* writeLogStarts(directory, logs)
})

/**
 * Writes where logs start that do not start with their first segment.
 *
 * @since 0.1.0
 */
export const writeLogStarts = (directory: LogDirectory, logs: ReadonlyArray<PartitionLog>) =>
  writeCheckpoint(
    directory,
    logStartFile,
    () =>
      logs.filter((log) => log.logStartOffset > log.segments.baseOffset)
        .map(({ logStartOffset, partition, topic }) => ({ topic, partition, offset: logStartOffset }))
  )

/**
 * Whether a checkpoint may still speak of a log of this name, which can only be one that is gone.
 *
 * @since 0.1.0
 */
export const remembers = (directory: LogDirectory, topic: string, partition: number): boolean => {
  const name = CheckpointFile.partitionName(topic, partition)
  const speaks = (file: string, read: ReadonlyMap<string, number>) =>
    directory.written.get(file)?.includes(`\n${topic} ${partition} `) ?? read.has(name)
  return speaks(recoveryPointFile, directory.recoveryPoints) || speaks(logStartFile, directory.logStarts)
}

/**
 * Writes the high watermarks.
 *
 * @since 0.1.0
 */
export const writeHighWatermarks = (directory: LogDirectory, logs: ReadonlyArray<PartitionLog>) =>
  writeCheckpoint(
    directory,
    highWatermarkFile,
    () => logs.map(({ highWatermark, partition, topic }) => ({ topic, partition, offset: highWatermark }))
  )

/**
 * Leaves the mark of an orderly stop, by which the next process trusts the files.
 *
 * @since 0.1.0
 */
export const markClean = (directory: LogDirectory, brokerEpoch: number) =>
  CheckpointFile.writeText(`${directory.path}/${cleanShutdownFile}`, `{"version":0,"brokerEpoch":${brokerEpoch}}`)
