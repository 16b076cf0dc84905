/**
 * The one list of APIs: key, name, versions, and on which listeners they are served.
 *
 * Keeps true: nothing else says which versions an API has: tables, frames, what a broker tells clients and the
 * documentation take them from here. Reading the list loads no table.
 * Leaves to others: which of them are served (the server's handlers), and their fields (`messages/`).
 *
 * LeaderAndIsr, StopReplica, UpdateMetadata and ControlledShutdown (4 to 7) have no version any more and are not here.
 *
 * @since 0.1.0
 */
import type * as Message from "./Message.ts"

/**
 * Where an API is served.
 *
 * @since 0.1.0
 */
export type Listener = "broker" | "controller"

/**
 * An API.
 *
 * @since 0.1.0
 */
export interface Api<out Name extends string = string, out Tables = unknown> {
  readonly key: number
  readonly name: Name
  readonly versionMin: number
  /** The latest version there is. */
  readonly versionMax: number
  /** The latest version that is offered unless unstable ones are asked for. */
  readonly versionMaxStable: number
  /** The lowest version that a broker says it serves; below `versionMin` only where old clients need to see it. */
  readonly versionMinAdvertised: number
  /** The first flexible version, or infinity. */
  readonly flexibleSince: number
  readonly listeners: ReadonlyArray<Listener>
  /** The module with the tables, for tools and tests; code that runs in a simulation imports the module itself. */
  readonly load: () => PromiseLike<Tables>
}

const broker: ReadonlyArray<Listener> = ["broker"]
const controller: ReadonlyArray<Listener> = ["controller"]
const both: ReadonlyArray<Listener> = ["broker", "controller"]

const api = <const Name extends string, Tables>(
  key: number,
  name: Name,
  [versionMin, versionMax]: readonly [number, number],
  flexibleSince: number,
  listeners: ReadonlyArray<Listener>,
  load: () => PromiseLike<Tables>,
  options: { readonly advertisedMin?: number; readonly latestVersionUnstable?: true } = {}
): Api<Name, Tables> => ({
  key,
  name,
  versionMin,
  versionMax,
  versionMaxStable: options.latestVersionUnstable === true ? versionMax - 1 : versionMax,
  versionMinAdvertised: options.advertisedMin ?? versionMin,
  flexibleSince,
  listeners,
  load
})

/**
 * Every API, by key.
 *
 * Produce says that it begins at version 0: older librdkafka otherwise stops compressing.
 *
 * @since 0.1.0
 */
export const all = [
  api(0, "Produce", [3, 13], 9, broker, () => import("./messages/Produce.ts"), { advertisedMin: 0 }),
  api(1, "Fetch", [4, 18], 12, both, () => import("./messages/Fetch.ts")),
  api(2, "ListOffsets", [1, 11], 6, broker, () => import("./messages/ListOffsets.ts")),
  api(3, "Metadata", [0, 13], 9, broker, () => import("./messages/Metadata.ts")),
  api(8, "OffsetCommit", [2, 10], 8, broker, () => import("./messages/OffsetCommit.ts")),
  api(9, "OffsetFetch", [1, 10], 6, broker, () => import("./messages/OffsetFetch.ts")),
  api(10, "FindCoordinator", [0, 6], 3, broker, () => import("./messages/FindCoordinator.ts")),
  api(11, "JoinGroup", [0, 9], 6, broker, () => import("./messages/JoinGroup.ts")),
  api(12, "Heartbeat", [0, 4], 4, broker, () => import("./messages/Heartbeat.ts")),
  api(13, "LeaveGroup", [0, 5], 4, broker, () => import("./messages/LeaveGroup.ts")),
  api(14, "SyncGroup", [0, 5], 4, broker, () => import("./messages/SyncGroup.ts")),
  api(15, "DescribeGroups", [0, 6], 5, broker, () => import("./messages/DescribeGroups.ts")),
  api(16, "ListGroups", [0, 5], 3, broker, () => import("./messages/ListGroups.ts")),
  api(17, "SaslHandshake", [0, 1], Infinity, both, () => import("./messages/SaslHandshake.ts")),
  api(18, "ApiVersions", [0, 4], 3, both, () => import("./messages/ApiVersions.ts")),
  api(19, "CreateTopics", [2, 7], 5, both, () => import("./messages/CreateTopics.ts")),
  api(20, "DeleteTopics", [1, 6], 4, both, () => import("./messages/DeleteTopics.ts")),
  api(21, "DeleteRecords", [0, 2], 2, broker, () => import("./messages/DeleteRecords.ts")),
  api(22, "InitProducerId", [0, 6], 2, broker, () => import("./messages/InitProducerId.ts"), {
    latestVersionUnstable: true
  }),
  api(23, "OffsetForLeaderEpoch", [2, 4], 4, broker, () => import("./messages/OffsetForLeaderEpoch.ts")),
  api(24, "AddPartitionsToTxn", [0, 5], 3, broker, () => import("./messages/AddPartitionsToTxn.ts")),
  api(25, "AddOffsetsToTxn", [0, 4], 3, broker, () => import("./messages/AddOffsetsToTxn.ts")),
  api(26, "EndTxn", [0, 5], 3, broker, () => import("./messages/EndTxn.ts")),
  api(27, "WriteTxnMarkers", [1, 2], 1, broker, () => import("./messages/WriteTxnMarkers.ts")),
  api(28, "TxnOffsetCommit", [0, 5], 3, broker, () => import("./messages/TxnOffsetCommit.ts")),
  api(29, "DescribeAcls", [1, 3], 2, both, () => import("./messages/DescribeAcls.ts")),
  api(30, "CreateAcls", [1, 3], 2, both, () => import("./messages/CreateAcls.ts")),
  api(31, "DeleteAcls", [1, 3], 2, both, () => import("./messages/DeleteAcls.ts")),
  api(32, "DescribeConfigs", [1, 4], 4, both, () => import("./messages/DescribeConfigs.ts")),
  api(33, "AlterConfigs", [0, 2], 2, both, () => import("./messages/AlterConfigs.ts")),
  api(34, "AlterReplicaLogDirs", [1, 2], 2, broker, () => import("./messages/AlterReplicaLogDirs.ts")),
  api(35, "DescribeLogDirs", [1, 5], 2, broker, () => import("./messages/DescribeLogDirs.ts")),
  api(36, "SaslAuthenticate", [0, 2], 2, both, () => import("./messages/SaslAuthenticate.ts")),
  api(37, "CreatePartitions", [0, 3], 2, both, () => import("./messages/CreatePartitions.ts")),
  api(38, "CreateDelegationToken", [1, 3], 2, both, () => import("./messages/CreateDelegationToken.ts")),
  api(39, "RenewDelegationToken", [1, 2], 2, both, () => import("./messages/RenewDelegationToken.ts")),
  api(40, "ExpireDelegationToken", [1, 2], 2, both, () => import("./messages/ExpireDelegationToken.ts")),
  api(41, "DescribeDelegationToken", [1, 3], 2, both, () => import("./messages/DescribeDelegationToken.ts")),
  api(42, "DeleteGroups", [0, 2], 2, broker, () => import("./messages/DeleteGroups.ts")),
  api(43, "ElectLeaders", [0, 2], 2, both, () => import("./messages/ElectLeaders.ts")),
  api(44, "IncrementalAlterConfigs", [0, 1], 1, both, () => import("./messages/IncrementalAlterConfigs.ts")),
  api(45, "AlterPartitionReassignments", [0, 1], 0, both, () => import("./messages/AlterPartitionReassignments.ts")),
  api(46, "ListPartitionReassignments", [0, 0], 0, both, () => import("./messages/ListPartitionReassignments.ts")),
  api(47, "OffsetDelete", [0, 0], Infinity, broker, () => import("./messages/OffsetDelete.ts")),
  api(48, "DescribeClientQuotas", [0, 1], 1, broker, () => import("./messages/DescribeClientQuotas.ts")),
  api(49, "AlterClientQuotas", [0, 1], 1, both, () => import("./messages/AlterClientQuotas.ts")),
  api(50, "DescribeUserScramCredentials", [0, 0], 0, both, () => import("./messages/DescribeUserScramCredentials.ts")),
  api(51, "AlterUserScramCredentials", [0, 0], 0, both, () => import("./messages/AlterUserScramCredentials.ts")),
  api(52, "Vote", [0, 2], 0, controller, () => import("./messages/Vote.ts")),
  api(53, "BeginQuorumEpoch", [0, 1], 1, controller, () => import("./messages/BeginQuorumEpoch.ts")),
  api(54, "EndQuorumEpoch", [0, 1], 1, controller, () => import("./messages/EndQuorumEpoch.ts")),
  api(55, "DescribeQuorum", [0, 2], 0, both, () => import("./messages/DescribeQuorum.ts")),
  api(56, "AlterPartition", [2, 3], 0, controller, () => import("./messages/AlterPartition.ts")),
  api(57, "UpdateFeatures", [0, 2], 0, both, () => import("./messages/UpdateFeatures.ts")),
  api(58, "Envelope", [0, 0], 0, controller, () => import("./messages/Envelope.ts")),
  api(59, "FetchSnapshot", [0, 1], 0, controller, () => import("./messages/FetchSnapshot.ts")),
  api(60, "DescribeCluster", [0, 2], 0, both, () => import("./messages/DescribeCluster.ts")),
  api(61, "DescribeProducers", [0, 0], 0, broker, () => import("./messages/DescribeProducers.ts")),
  api(62, "BrokerRegistration", [0, 4], 0, controller, () => import("./messages/BrokerRegistration.ts")),
  api(63, "BrokerHeartbeat", [0, 2], 0, controller, () => import("./messages/BrokerHeartbeat.ts")),
  api(64, "UnregisterBroker", [0, 0], 0, both, () => import("./messages/UnregisterBroker.ts")),
  api(65, "DescribeTransactions", [0, 0], 0, broker, () => import("./messages/DescribeTransactions.ts")),
  api(66, "ListTransactions", [0, 2], 0, broker, () => import("./messages/ListTransactions.ts")),
  api(67, "AllocateProducerIds", [0, 0], 0, controller, () => import("./messages/AllocateProducerIds.ts")),
  api(68, "ConsumerGroupHeartbeat", [0, 1], 0, broker, () => import("./messages/ConsumerGroupHeartbeat.ts")),
  api(69, "ConsumerGroupDescribe", [0, 1], 0, broker, () => import("./messages/ConsumerGroupDescribe.ts")),
  api(70, "ControllerRegistration", [0, 0], 0, controller, () => import("./messages/ControllerRegistration.ts")),
  api(71, "GetTelemetrySubscriptions", [0, 0], 0, broker, () => import("./messages/GetTelemetrySubscriptions.ts")),
  api(72, "PushTelemetry", [0, 0], 0, broker, () => import("./messages/PushTelemetry.ts")),
  api(73, "AssignReplicasToDirs", [0, 0], 0, controller, () => import("./messages/AssignReplicasToDirs.ts")),
  api(74, "ListConfigResources", [0, 1], 0, broker, () => import("./messages/ListConfigResources.ts")),
  api(75, "DescribeTopicPartitions", [0, 0], 0, broker, () => import("./messages/DescribeTopicPartitions.ts")),
  api(76, "ShareGroupHeartbeat", [1, 1], 0, broker, () => import("./messages/ShareGroupHeartbeat.ts")),
  api(77, "ShareGroupDescribe", [1, 1], 0, broker, () => import("./messages/ShareGroupDescribe.ts")),
  api(78, "ShareFetch", [1, 2], 0, broker, () => import("./messages/ShareFetch.ts")),
  api(79, "ShareAcknowledge", [1, 2], 0, broker, () => import("./messages/ShareAcknowledge.ts")),
  api(80, "AddRaftVoter", [0, 1], 0, both, () => import("./messages/AddRaftVoter.ts")),
  api(81, "RemoveRaftVoter", [0, 0], 0, both, () => import("./messages/RemoveRaftVoter.ts")),
  api(82, "UpdateRaftVoter", [0, 0], 0, controller, () => import("./messages/UpdateRaftVoter.ts")),
  api(83, "InitializeShareGroupState", [0, 0], 0, broker, () => import("./messages/InitializeShareGroupState.ts")),
  api(84, "ReadShareGroupState", [0, 0], 0, broker, () => import("./messages/ReadShareGroupState.ts")),
  api(85, "WriteShareGroupState", [0, 1], 0, broker, () => import("./messages/WriteShareGroupState.ts")),
  api(86, "DeleteShareGroupState", [0, 0], 0, broker, () => import("./messages/DeleteShareGroupState.ts")),
  api(87, "ReadShareGroupStateSummary", [0, 1], 0, broker, () => import("./messages/ReadShareGroupStateSummary.ts")),
  api(88, "StreamsGroupHeartbeat", [0, 0], 0, broker, () => import("./messages/StreamsGroupHeartbeat.ts")),
  api(89, "StreamsGroupDescribe", [0, 0], 0, broker, () => import("./messages/StreamsGroupDescribe.ts")),
  api(90, "DescribeShareGroupOffsets", [0, 1], 0, broker, () => import("./messages/DescribeShareGroupOffsets.ts")),
  api(91, "AlterShareGroupOffsets", [0, 0], 0, broker, () => import("./messages/AlterShareGroupOffsets.ts")),
  api(92, "DeleteShareGroupOffsets", [0, 0], 0, broker, () => import("./messages/DeleteShareGroupOffsets.ts"))
] as const

/**
 * The names of the APIs.
 *
 * @since 0.1.0
 */
export type Name = (typeof all)[number]["name"]

const byKeyTable: Array<Api<Name> | undefined> = []
const byNameTable = new Map<string, Api<Name>>()
for (const entry of all) {
  byKeyTable[entry.key] = entry
  byNameTable.set(entry.name, entry)
}

/**
 * The API with a key, if there is one.
 *
 * @since 0.1.0
 */
export const byKey = (key: number): Api<Name> | undefined => byKeyTable[key]

/**
 * The API with a name.
 *
 * @since 0.1.0
 */
export const byName = (name: Name): Api<Name> => byNameTable.get(name)!

/**
 * The API of a request or response.
 *
 * @since 0.1.0
 */
export const of = (message: Message.Any): Api<Name> | undefined =>
  message.type === "request" || message.type === "response" ? byKey(message.apiKey) : undefined

/**
 * The key of ApiVersions, which differs from all others: its response header is always version 0, and a broker answers
 * it even in versions that it does not know.
 *
 * @since 0.1.0
 */
export const apiVersionsKey: number = byName("ApiVersions").key

/**
 * The version of the header before a request.
 *
 * @since 0.1.0
 */
export const requestHeaderVersion = (api: Pick<Api, "flexibleSince">, version: number): 1 | 2 =>
  version >= api.flexibleSince ? 2 : 1

/**
 * The version of the header before a response.
 *
 * @since 0.1.0
 */
export const responseHeaderVersion = (api: Pick<Api, "key" | "flexibleSince">, version: number): 0 | 1 =>
  version >= api.flexibleSince && api.key !== apiVersionsKey ? 1 : 0
