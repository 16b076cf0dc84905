/**
 * All partitions that this broker hosts: opening, creating and deleting them, finding them, waiting for any of them.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { partitionName } from "../storage/CheckpointFile.ts"
import type { LogConfig } from "../storage/LogConfig.ts"
import { LogManager } from "../storage/LogManager.ts"
import { make as partitionError } from "../storage/PartitionError.ts"
import type { PartitionLog } from "../storage/PartitionLog.ts"
import { LeaderPartition } from "./LeaderPartition.ts"
import type { Partition, PartitionError } from "./Partition.ts"

/**
 * A partition to create. `topicId` is Kafka's 22-character text.
 *
 * @since 0.1.0
 */
export interface NewPartition {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly config: LogConfig
  readonly leaderEpoch: number
}

/**
 * Wakes one waiter when any of the watched partitions has changed since the last `reset` (or since it was made).
 * So: watch, read, and only if that was not enough, await; nothing that happens in between is missed.
 *
 * @since 0.1.0
 */
export interface ChangeWaiter {
  readonly reset: () => void
  readonly await: Effect.Effect<void>
}

/**
 * A log on disk that nobody has asked for yet. `topicId` is Kafka's 22-character text, if it is known.
 *
 * @since 0.1.0
 */
export interface StrayLog {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | undefined
}

/**
 * The partitions of this broker.
 *
 * @since 0.1.0
 */
export class ReplicaManager extends Context.Service<ReplicaManager, {
  /**
   * Hosts a partition as its leader: creates its log, or takes the one that is there (found at start); either way
   * with this configuration and leader epoch. A log of another topic id is refused with INCONSISTENT_TOPIC_ID.
   */
  readonly create: (partition: NewPartition) => Effect.Effect<Partition, PartitionError>
  /** Stops hosting a partition; its files go after `file.delete.delay.ms`. Does nothing if it is not there. */
  readonly delete: (topic: string, partition: number) => Effect.Effect<void, PartitionError>
  /** Takes a log of `strays` out of the way; its files stay, under another name. Does nothing if it is none of them. */
  readonly setAside: (topic: string, partition: number) => Effect.Effect<void, PartitionError>
  readonly get: (topic: string, partition: number) => Partition | undefined
  readonly getById: (topicId: string, partition: number) => Partition | undefined
  /** In order of topic and partition. */
  readonly hosted: () => ReadonlyArray<Partition>
  /** Logs that were found at start and not created since. */
  readonly strays: () => ReadonlyArray<StrayLog>
  readonly watch: (partitions: Iterable<Partition>) => Effect.Effect<ChangeWaiter, never, Scope.Scope>
}>()("@millrace/server/replication/ReplicaManager") {}

const storageFailure = (error: { readonly message: string }): PartitionError =>
  partitionError(ErrorCode.KAFKA_STORAGE_ERROR, error.message)

class Replicas {
  readonly partitions = new Map<string, LeaderPartition>()
  readonly byId = new Map<string, LeaderPartition>()
  readonly manager: LogManager["Service"]
  /** Who creates or deletes a partition, and who waits to, by its name. */
  readonly #changing = new Map<string, { readonly lock: Semaphore.Semaphore; users: number }>()

  constructor(manager: LogManager["Service"]) {
    this.manager = manager
  }

  /** Runs changes of one partition one after the other; those of others go on meanwhile. */
  changing<A, E>(topic: string, partition: number, change: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const name = partitionName(topic, partition)
      const entry = this.#changing.get(name) ?? { lock: Semaphore.makeUnsafe(1), users: 0 }
      this.#changing.set(name, entry)
      entry.users++
      const leave = Effect.sync(() => {
        if (--entry.users === 0) this.#changing.delete(name)
      })
      return Effect.ensuring(entry.lock.withPermit(change), leave)
    })
  }

  #found(topic: string, partition: number): PartitionLog | undefined {
    return this.manager.logs().find((log) => log.topic === topic && log.partition === partition)
  }

  create = Effect.fnUntraced(function*(this: Replicas, wanted: NewPartition) {
    const { config, leaderEpoch, partition, topic, topicId } = wanted
    const name = partitionName(topic, partition)
    const present = this.partitions.get(name)?.log ?? this.#found(topic, partition)
    if (present !== undefined && present.topicId === undefined) yield* present.adopt(topicId)
    if (present !== undefined && present.topicId !== topicId) {
      const message = `the log of ${name} belongs to topic id ${present.topicId}, not to ${topicId}`
      return yield* partitionError(ErrorCode.INCONSISTENT_TOPIC_ID, message)
    }
    const log = present ??
      (yield* Effect.mapError(this.manager.create(topic, partition, topicId, config), storageFailure))
    log.config = config
    log.configured = true
    const hosted = this.partitions.get(name) ??
      new LeaderPartition(log, this.manager.durability, this.manager.flusherOf(log), this.manager.keepStart(log))
    yield* hosted.becomeLeader(leaderEpoch)
    this.partitions.set(name, hosted)
    this.byId.set(`${topicId}-${partition}`, hosted)
    return hosted
  })

  delete = Effect.fnUntraced(function*(this: Replicas, topic: string, partition: number) {
    const name = partitionName(topic, partition)
    const hosted = this.partitions.get(name)
    const log = hosted?.log ?? this.#found(topic, partition)
    if (log === undefined) return
    this.partitions.delete(name)
    this.byId.delete(`${log.topicId}-${partition}`)
    hosted?.resign(partitionError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `${name} was deleted`))
    yield* Effect.mapError(this.manager.delete(log), storageFailure)
  })

  setAside(topic: string, partition: number): Effect.Effect<void, PartitionError> {
    const log = this.partitions.has(partitionName(topic, partition)) ? undefined : this.#found(topic, partition)
    return log === undefined ? Effect.void : Effect.mapError(this.manager.setAside(log), storageFailure)
  }

  strays(): ReadonlyArray<StrayLog> {
    return this.manager.logs().filter((log) => !this.partitions.has(partitionName(log.topic, log.partition)))
      .map(({ partition, topic, topicId }) => ({ topic, partition, topicId }))
  }

  get hosted(): ReadonlyArray<Partition> {
    return [...this.partitions.values()].sort((one, other) =>
      one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1
    )
  }
}

const watch = (partitions: Iterable<Partition>): Effect.Effect<ChangeWaiter, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const latch = Latch.makeUnsafe(false)
        const listener = () => void latch.openUnsafe()
        return { latch, stops: Array.from(partitions, (partition) => partition.subscribe(listener)) }
      }),
      ({ stops }) => Effect.sync(() => stops.forEach((stop) => stop()))
    ),
    ({ latch }) => ({ reset: () => void latch.closeUnsafe(), await: latch.await })
  )

const syncAtIntervals = (replicas: Replicas, intervalMs: number): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(
    Effect.sleep(intervalMs),
    Effect.sync(() => replicas.partitions.forEach((partition) => partition.requestSync()))
  ))

/**
 * Hosts partitions on the logs of the `LogManager`.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<ReplicaManager, never, LogManager> = Layer.effect(
  ReplicaManager,
  Effect.gen(function*() {
    const manager = yield* LogManager
    const replicas = new Replicas(manager)
    const { durability } = manager
    if (durability.kind === "interval") yield* Effect.forkScoped(syncAtIntervals(replicas, durability.intervalMs))
    return ReplicaManager.of({
      create: (wanted) => replicas.changing(wanted.topic, wanted.partition, replicas.create(wanted)),
      delete: (topic, partition) => replicas.changing(topic, partition, replicas.delete(topic, partition)),
      setAside: (topic, partition) =>
        replicas.changing(topic, partition, Effect.suspend(() => replicas.setAside(topic, partition))),
      get: (topic, partition) => replicas.partitions.get(partitionName(topic, partition)),
      getById: (topicId, partition) => replicas.byId.get(`${topicId}-${partition}`),
      hosted: () => replicas.hosted,
      strays: () => replicas.strays(),
      watch
    })
  })
)
