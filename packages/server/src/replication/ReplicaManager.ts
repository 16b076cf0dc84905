/**
 * All partitions that this broker hosts: opening, creating and deleting them, finding them, waiting for any of them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogConfig } from "../storage/LogConfig.ts"
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
  readonly get: (topic: string, partition: number) => Partition | undefined
  readonly getById: (topicId: string, partition: number) => Partition | undefined
  /** In order of topic and partition. */
  readonly hosted: () => ReadonlyArray<Partition>
  readonly watch: (partitions: Iterable<Partition>) => Effect.Effect<ChangeWaiter, never, Scope.Scope>
}>()("@millrace/server/replication/ReplicaManager") {}
