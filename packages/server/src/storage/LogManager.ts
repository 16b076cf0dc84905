/**
 * All logs of a broker in its log directories: opening them at start, creating and deleting, checkpoints, retention.
 *
 * Keeps true: a partition's log is in one directory only, and a new one goes where there are the fewest; what the
 * checkpoints say is already true on disk; an orderly stop leaves everything durable and says so.
 * Leaves to others: who leads a partition and what counts as written (`replication`).
 *
 * @since 0.1.0
 */
import type { DiskError } from "@millrace/core/platform/Disk"
import { Disk } from "@millrace/core/platform/Disk"
import { Compression } from "@millrace/core/records/Compression"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import { openConcurrencyMax } from "../limits.ts"
import { partitionName } from "./CheckpointFile.ts"
import type { Durability, Flusher } from "./Durability.ts"
import * as LogConfig from "./LogConfig.ts"
import * as LogDirectory from "./LogDirectory.ts"
import * as LogLoader from "./LogLoader.ts"
import * as LogRetention from "./LogRetention.ts"
import type { LogContext, PartitionLog } from "./PartitionLog.ts"
import { StorageError } from "./StorageError.ts"

/**
 * How logs are kept. Times are milliseconds; their defaults are Kafka's. `clusterId`: refuse directories of another
 * cluster; when left out, take what is there, or make one.
 *
 * @since 0.1.0
 */
export interface LogManagerOptions {
  readonly logDirs: ReadonlyArray<string>
  readonly nodeId: number
  readonly clusterId?: string
  readonly brokerEpoch?: number
  readonly durability?: Durability
  /** Topics with logs to which nothing is written before the last write was committed. */
  readonly serialTopics?: ReadonlySet<string>
  readonly initialTaskDelayMs?: number
  readonly retentionCheckIntervalMs?: number
  readonly flushOffsetCheckpointIntervalMs?: number
  readonly highWatermarkCheckpointIntervalMs?: number
  readonly producerIdExpirationMs?: number
  readonly producerIdExpirationCheckIntervalMs?: number
}

/**
 * The logs of this broker.
 *
 * @since 0.1.0
 */
export class LogManager extends Context.Service<LogManager, {
  readonly clusterId: string
  readonly directories: ReadonlyArray<LogDirectory.LogDirectory>
  readonly durability: Durability
  readonly logs: () => ReadonlyArray<PartitionLog>
  readonly create: (
    topic: string,
    partition: number,
    topicId: string,
    config: LogConfig.LogConfig
  ) => Effect.Effect<PartitionLog, DiskError | StorageError>
  /** Takes the log out of service at once; its files go after `file.delete.delay.ms`. */
  readonly delete: (log: PartitionLog) => Effect.Effect<void, DiskError>
  /** Takes the log out of service at once; its files stay, in a directory whose name ends with `-stray`. */
  readonly setAside: (log: PartitionLog) => Effect.Effect<void, DiskError>
  /** Makes durable where the log starts, which otherwise happens in time. */
  readonly keepStart: (log: PartitionLog) => Effect.Effect<void, DiskError>
  readonly flusherOf: (log: PartitionLog) => Flusher
}>()("@millrace/server/storage/LogManager") {}

interface Hosted {
  readonly directory: LogDirectory.LogDirectory
  readonly log: PartitionLog
}

interface Removal {
  readonly remove: Effect.Effect<void, DiskError>
  readonly delayMs: number
}

/** Everything that the loops and the service share. */
class Manager {
  readonly hosted = new Map<string, Hosted>()
  /** Where logs are being made, by the name of the partition. */
  readonly making = new Map<string, LogDirectory.LogDirectory>()
  readonly directories: ReadonlyArray<LogDirectory.LogDirectory>
  readonly context: LogContext
  /** Topics in whose logs each batch is durable before the next is written. */
  readonly serialTopics: ReadonlySet<string>

  constructor(
    directories: ReadonlyArray<LogDirectory.LogDirectory>,
    context: LogContext,
    serialTopics: ReadonlySet<string>
  ) {
    this.directories = directories
    this.context = context
    this.serialTopics = serialTopics
  }

  logsIn(directory: LogDirectory.LogDirectory): ReadonlyArray<PartitionLog> {
    return [...this.hosted.values()].filter((hosted) => hosted.directory === directory).map(({ log }) => log)
  }

  get logs(): ReadonlyArray<PartitionLog> {
    return [...this.hosted.values()].map(({ log }) => log)
  }

  /** The directory with the fewest logs, those that are being made included; the first of them if several have as few. */
  get emptiest(): LogDirectory.LogDirectory {
    const making = [...this.making.values()]
    const counts = this.directories.map((directory) =>
      this.logsIn(directory).length + making.filter((other) => other === directory).length
    )
    return this.directories[counts.indexOf(Math.min(...counts))]!
  }

  host(directory: LogDirectory.LogDirectory, log: PartitionLog): Effect.Effect<void, StorageError> {
    const name = partitionName(log.topic, log.partition)
    const other = this.hosted.get(name)
    if (other !== undefined) {
      const detail = `the log of ${name} is also in ${other.directory.path}`
      return Effect.fail(new StorageError({ reason: "CorruptFile", path: log.directory, detail }))
    }
    this.hosted.set(name, { directory, log })
    return Effect.void
  }
}

const openAll = Effect.fnUntraced(function*(manager: Manager, directory: LogDirectory.LogDirectory) {
  const found = yield* LogDirectory.findLogs(directory)
  yield* Effect.forEach(
    found,
    Effect.fnUntraced(function*({ name, partition, topic }) {
      const log = yield* LogLoader.open(manager.context, {
        topic,
        partition,
        directory: `${directory.path}/${name}`,
        config: LogConfig.defaults,
        clean: directory.clean,
        recoveryPoint: directory.recoveryPoints.get(name) ?? 0,
        logStartOffset: directory.logStarts.get(name) ?? 0,
        isSerial: manager.serialTopics.has(topic),
        jitter: yield* Random.next
      })
      yield* manager.host(directory, log)
    }),
    { concurrency: openConcurrencyMax, discard: true }
  )
})

const create = Effect.fnUntraced(function*(
  manager: Manager,
  topic: string,
  partition: number,
  topicId: string,
  config: LogConfig.LogConfig
) {
  const name = partitionName(topic, partition)
  if (manager.making.has(name)) {
    return yield* new StorageError({ reason: "WrongDirectory", path: name, detail: "the log is being made already" })
  }
  const target = manager.emptiest
  manager.making.set(name, target)
  return yield* Effect.ensuring(
    createIn(manager, target, { topic, partition, topicId, config }),
    Effect.sync(() => void manager.making.delete(name))
  )
})

interface NewLog {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly config: LogConfig.LogConfig
}

const createIn = Effect.fnUntraced(function*(
  manager: Manager,
  target: LogDirectory.LogDirectory,
  { config, partition, topic, topicId }: NewLog
) {
  const directory = `${target.path}/${partitionName(topic, partition)}`
  // After a crash the new log would be taken to begin, and to be durable, where an old one of its name was.
  if (LogDirectory.remembers(target, topic, partition)) {
    yield* LogDirectory.writeRecoveryPoints(target, manager.logsIn(target))
  }
  yield* LogLoader.prepare(directory, topicId)
  const log = yield* LogLoader.open(manager.context, {
    topic,
    partition,
    directory,
    config,
    clean: false,
    recoveryPoint: 0,
    logStartOffset: 0,
    isSerial: manager.serialTopics.has(topic),
    jitter: yield* Random.next
  })
  yield* manager.host(target, log)
  return log
})

const uniqueDigits = Effect.map(
  Effect.forEach(Array.from({ length: 8 }), () => Random.nextIntBetween(0, 0xffff)),
  (numbers) => numbers.map((number) => number.toString(16).padStart(4, "0")).join("")
)

const retire = Effect.fnUntraced(function*(manager: Manager, log: PartitionLog, why: "delete" | "stray") {
  const name = partitionName(log.topic, log.partition)
  if (manager.hosted.get(name)?.log !== log) return
  const retired = LogLoader.retiredName(log.topic, log.partition, yield* uniqueDigits, why)
  yield* why === "delete" ? log.delete(retired) : log.setAside(retired)
  manager.hosted.delete(name)
})

/** Logs what a background task could not do; the task goes on. */
const reported = <A, E extends { readonly message: string }, R>(what: string, task: Effect.Effect<A, E, R>) =>
  Effect.catch(task, (error) => Effect.logError(`${what} failed: ${error.message}`))

const every = <R>(initialMs: number, intervalMs: number, task: Effect.Effect<unknown, never, R>) =>
  Effect.andThen(Effect.sleep(initialMs), Effect.forever(Effect.andThen(task, Effect.sleep(intervalMs))))

const forAll = <R>(manager: Manager, task: (log: PartitionLog) => Effect.Effect<unknown, never, R>) =>
  Effect.suspend(() => Effect.forEach(manager.logs, task, { discard: true }))

const checkpoint = (
  manager: Manager,
  write: (
    directory: LogDirectory.LogDirectory,
    logs: ReadonlyArray<PartitionLog>
  ) => Effect.Effect<void, DiskError, Disk>
) =>
  Effect.forEach(
    manager.directories,
    (directory) => reported(`checkpoint in ${directory.path}`, write(directory, manager.logsIn(directory))),
    { discard: true }
  )

const startLoops = Effect.fnUntraced(function*(manager: Manager, options: LogManagerOptions) {
  const {
    flushOffsetCheckpointIntervalMs = 60_000,
    highWatermarkCheckpointIntervalMs = 5_000,
    initialTaskDelayMs = 30_000,
    producerIdExpirationCheckIntervalMs = 600_000,
    retentionCheckIntervalMs = 300_000
  } = options
  const retention = forAll(manager, (log) =>
    log.configured && log.failure === undefined
      ? reported(`retention of ${log.directory}`, LogRetention.deleteExpired(log))
      : Effect.void)
  const expiration = forAll(manager, (log) => log.expireProducers)
  for (const directory of manager.directories) yield* Effect.forkScoped(directory.flusher.run)
  yield* Effect.forkScoped(every(initialTaskDelayMs, retentionCheckIntervalMs, retention))
  yield* Effect.forkScoped(every(producerIdExpirationCheckIntervalMs, producerIdExpirationCheckIntervalMs, expiration))
  yield* Effect.forkScoped(
    every(initialTaskDelayMs, flushOffsetCheckpointIntervalMs, checkpoint(manager, LogDirectory.writeRecoveryPoints))
  )
  yield* Effect.forkScoped(
    every(
      highWatermarkCheckpointIntervalMs,
      highWatermarkCheckpointIntervalMs,
      checkpoint(manager, LogDirectory.writeHighWatermarks)
    )
  )
})

/** Closes all logs of a directory; only if that succeeds, the next process may trust them. */
const closeDirectory = Effect.fnUntraced(function*(
  manager: Manager,
  directory: LogDirectory.LogDirectory,
  brokerEpoch: number
) {
  const logs = manager.logsIn(directory)
  const closed = yield* Effect.forEach(logs, (log) => Effect.exit(log.close))
  // What can be closed in order is; the first failure speaks for all.
  yield* Effect.asVoid(closed.find(Exit.isFailure) ?? Exit.void)
  yield* LogDirectory.writeRecoveryPoints(directory, logs)
  yield* LogDirectory.writeHighWatermarks(directory, logs)
  yield* LogDirectory.markClean(directory, brokerEpoch)
})

const close = (manager: Manager, brokerEpoch: number) =>
  Effect.forEach(
    manager.directories,
    (directory) => reported(`closing ${directory.path}`, closeDirectory(manager, directory, brokerEpoch)),
    { discard: true }
  )

const openDirectories = Effect.fnUntraced(function*(options: LogManagerOptions) {
  const directories: Array<LogDirectory.LogDirectory> = []
  let clusterId = options.clusterId
  for (const path of options.logDirs) {
    const directory = yield* LogDirectory.open(path, { nodeId: options.nodeId, clusterId })
    clusterId = directory.clusterId
    directories.push(directory)
  }
  const first = directories[0]
  if (first === undefined) {
    return yield* new StorageError({ reason: "WrongDirectory", path: "", detail: "log.dirs names no directory" })
  }
  return { directories, clusterId: first.clusterId }
})

/**
 * Opens all directories and logs, and keeps them until the scope ends.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: LogManagerOptions) {
  const disk = yield* Disk
  const durability = options.durability ?? { kind: "group-commit" }
  const removals = yield* Queue.unbounded<Removal>()
  const { clusterId, directories } = yield* openDirectories(options)
  const isGroupCommit = durability.kind === "group-commit"
  const context: LogContext = {
    disk,
    compression: yield* Compression,
    clock: yield* Clock.Clock,
    producerExpirationMs: options.producerIdExpirationMs ?? 86_400_000,
    sealAtRoll: isGroupCommit,
    discard: (removal, delayMs) => Queue.offerUnsafe(removals, { remove: removal, delayMs })
  }
  // What is committed is durable only with this policy.
  const manager = new Manager(directories, context, isGroupCommit ? options.serialTopics ?? new Set() : new Set())
  yield* Effect.forEach(directories, (directory) => openAll(manager, directory), {
    concurrency: "unbounded",
    discard: true
  })
  const brokerEpoch = options.brokerEpoch ?? -1
  yield* Effect.addFinalizer(() => Effect.provideService(close(manager, brokerEpoch), Disk, disk))
  yield* startLoops(manager, options)
  yield* Effect.forkScoped(removeLater(removals))
  return LogManager.of({
    clusterId,
    directories,
    durability,
    logs: () => manager.logs,
    create: (topic, partition, topicId, config) =>
      Effect.uninterruptible(Effect.provideService(create(manager, topic, partition, topicId, config), Disk, disk)),
    delete: (log) => Effect.uninterruptible(retire(manager, log, "delete")),
    setAside: (log) => Effect.uninterruptible(retire(manager, log, "stray")),
    keepStart: (log) =>
      Effect.suspend(() => {
        const directory = manager.hosted.get(partitionName(log.topic, log.partition))?.directory
        return directory === undefined
          ? Effect.void
          : Effect.provideService(LogDirectory.writeLogStarts(directory, manager.logsIn(directory)), Disk, disk)
      }),
    flusherOf: (log) => manager.hosted.get(partitionName(log.topic, log.partition))!.directory.flusher
  })
})

/** Removes each file when its time has come; what is left at the end goes at the next start. */
const removeLater = (removals: Queue.Queue<Removal>) =>
  Effect.forever(
    Effect.flatMap(Queue.take(removals), ({ delayMs, remove }) =>
      Effect.forkChild(Effect.andThen(Effect.sleep(delayMs), reported("removing deleted files", remove))))
  )

/**
 * The logs in `options.logDirs`.
 *
 * @since 0.1.0
 */
export const layer = (
  options: LogManagerOptions
): Layer.Layer<LogManager, DiskError | StorageError, Disk | Compression> => Layer.effect(LogManager, make(options))
