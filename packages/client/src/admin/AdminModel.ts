/**
 * What the administration of a cluster takes and gives.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Node, TopicMetadata } from "../cluster/ClusterMetadata.ts"
import type * as OffsetRequests from "../cluster/OffsetRequests.ts"
import type { TopicPartition } from "../cluster/TopicPartition.ts"
import type * as Requests from "./AdminRequests.ts"

/**
 * What an administrative request fails with.
 *
 * @since 0.1.0
 */
export type Failure = Requests.Failure

/**
 * A topic to create; what is left out is the broker's default.
 *
 * @since 0.1.0
 */
export interface NewTopic {
  readonly name: string
  readonly partitions?: number | undefined
  readonly replicationFactor?: number | undefined
  /** Replicas by partition, in place of the two numbers. */
  readonly assignments?: ReadonlyArray<ReadonlyArray<number>> | undefined
  readonly configs?: { readonly [name: string]: string } | undefined
}

/**
 * A topic that was created; -1 where the broker does not tell.
 *
 * @since 0.1.0
 */
export interface CreatedTopic {
  readonly name: string
  readonly topicId: string
  readonly partitions: number
  readonly replicationFactor: number
}

/**
 * What has a configuration.
 *
 * @since 0.1.0
 */
export interface ConfigResource {
  readonly type: "topic" | "broker" | "brokerLogger" | "clientMetrics" | "group"
  readonly name: string
}

/**
 * Kafka's numbers for kinds of resources.
 *
 * @since 0.1.0
 */
export const resourceTypes = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const
/**
 * Where a setting comes from, by Kafka's numbers.
 *
 * @since 0.1.0
 */
export const configSources = [
  "unknown",
  "topic",
  "dynamicBroker",
  "dynamicDefaultBroker",
  "staticBroker",
  "default",
  "dynamicBrokerLogger",
  "clientMetrics",
  "group"
] as const

/**
 * One setting.
 *
 * @since 0.1.0
 */
export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  readonly source: (typeof configSources)[number]
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
}

/**
 * The settings of a resource.
 *
 * @since 0.1.0
 */
export interface Config extends ConfigResource {
  readonly entries: ReadonlyArray<ConfigEntry>
}

/**
 * A change of one setting.
 *
 * @since 0.1.0
 */
export interface ConfigChange {
  readonly name: string
  readonly operation: "set" | "delete" | "append" | "subtract"
  readonly value?: string | undefined
}

/**
 * Kafka's numbers for changes of settings.
 *
 * @since 0.1.0
 */
export const changeOperations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/**
 * A group as it is listed; state and type are empty where the broker is too old to tell.
 *
 * @since 0.1.0
 */
export interface GroupListing {
  readonly groupId: string
  readonly protocolType: string
  readonly state: string
  readonly type: string
}

/**
 * A member of a classic group; its topics and partitions are known for consumers only.
 *
 * @since 0.1.0
 */
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** The topics that it has asked for. */
  readonly subscription: ReadonlyArray<string>
  /** The partitions that it was given. */
  readonly assignment: ReadonlyArray<TopicPartition>
}

/**
 * A classic group.
 *
 * @since 0.1.0
 */
export interface GroupDescription {
  readonly groupId: string
  readonly state: string
  readonly protocolType: string
  /** The assignor that the group has agreed on. */
  readonly protocol: string
  readonly members: ReadonlyArray<GroupMember>
}

/**
 * A producer that a partition knows.
 *
 * @since 0.1.0
 */
export interface ProducerState extends TopicPartition {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** Where its open transaction begins; -1 if it has none. */
  readonly currentTransactionStartOffset: number
}

/**
 * A transaction as it is listed.
 *
 * @since 0.1.0
 */
export interface TransactionListing {
  readonly transactionalId: string
  readonly producerId: number
  readonly state: string
}

/**
 * A transaction.
 *
 * @since 0.1.0
 */
export interface TransactionDescription extends TransactionListing {
  readonly producerEpoch: number
  readonly timeoutMs: number
  /** Milliseconds since the epoch, -1 if it is not open. */
  readonly startTimeMs: number
  readonly partitions: ReadonlyArray<TopicPartition>
}

/**
 * A cluster.
 *
 * @since 0.1.0
 */
export interface ClusterDescription {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly nodes: ReadonlyArray<Node>
}

/**
 * What an administration offers.
 *
 * @since 0.1.0
 */
export interface AdminShape {
  readonly createTopics: (
    topics: ReadonlyArray<NewTopic>,
    options?: { readonly validateOnly?: boolean | undefined }
  ) => Effect.Effect<ReadonlyArray<CreatedTopic>, Failure>
  readonly deleteTopics: (names: ReadonlyArray<string>) => Effect.Effect<void, Failure>
  /** Raises the number of partitions of topics to `count`. */
  readonly createPartitions: (
    topics: ReadonlyArray<{ readonly name: string; readonly count: number }>,
    options?: { readonly validateOnly?: boolean | undefined }
  ) => Effect.Effect<void, Failure>
  /** All topics that one may see, by name. */
  readonly listTopics: Effect.Effect<ReadonlyArray<TopicMetadata>, Failure>
  readonly describeTopics: (names: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<TopicMetadata>, Failure>
  readonly describeConfigs: (resources: ReadonlyArray<ConfigResource>) => Effect.Effect<ReadonlyArray<Config>, Failure>
  readonly incrementalAlterConfigs: (
    resources: ReadonlyArray<ConfigResource & { readonly changes: ReadonlyArray<ConfigChange> }>,
    options?: { readonly validateOnly?: boolean | undefined }
  ) => Effect.Effect<void, Failure>
  readonly listGroups: Effect.Effect<ReadonlyArray<GroupListing>, Failure>
  /** A group that is not there is `Dead` or refused with GROUP_ID_NOT_FOUND, as the broker's version has it. */
  readonly describeGroups: (groupIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<GroupDescription>, Failure>
  readonly deleteGroups: (groupIds: ReadonlyArray<string>) => Effect.Effect<void, Failure>
  readonly listOffsets: (
    queries: ReadonlyArray<OffsetRequests.OffsetQuery>,
    options?: { readonly isolationLevel?: "read_uncommitted" | "read_committed" | undefined }
  ) => Effect.Effect<ReadonlyArray<OffsetRequests.ListedOffset>, Failure>
  /** What a group has committed; without `partitions`, for all. */
  readonly listConsumerGroupOffsets: (
    groupId: string,
    partitions?: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<ReadonlyArray<OffsetRequests.CommittedOffset>, Failure>
  /** Sets what a group without members has committed. */
  readonly alterConsumerGroupOffsets: (
    groupId: string,
    offsets: ReadonlyArray<OffsetRequests.OffsetAndMetadata>
  ) => Effect.Effect<void, Failure>
  readonly deleteConsumerGroupOffsets: (
    groupId: string,
    partitions: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<void, Failure>
  /** Deletes the records before `offset` (-1: all); gives the new first offsets. */
  readonly deleteRecords: (
    partitions: ReadonlyArray<TopicPartition & { readonly offset: number }>
  ) => Effect.Effect<ReadonlyArray<TopicPartition & { readonly lowWatermark: number }>, Failure>
  readonly describeProducers: (
    partitions: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<ReadonlyArray<ProducerState>, Failure>
  readonly listTransactions: (
    options?: { readonly states?: ReadonlyArray<string>; readonly producerIds?: ReadonlyArray<number> }
  ) => Effect.Effect<ReadonlyArray<TransactionListing>, Failure>
  readonly describeTransactions: (
    transactionalIds: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<TransactionDescription>, Failure>
  readonly describeCluster: Effect.Effect<ClusterDescription, Failure>
}
