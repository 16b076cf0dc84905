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
export interface Api<out Name extends string = string> {
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
}

const broker: ReadonlyArray<Listener> = ["broker"]
const controller: ReadonlyArray<Listener> = ["controller"]
const both: ReadonlyArray<Listener> = ["broker", "controller"]

const api = <const Name extends string>(
  key: number,
  name: Name,
  [versionMin, versionMax]: readonly [number, number],
  flexibleSince: number,
  listeners: ReadonlyArray<Listener>,
  options: { readonly advertisedMin?: number; readonly latestVersionUnstable?: true } = {}
): Api<Name> => ({
  key,
  name,
  versionMin,
  versionMax,
  versionMaxStable: options.latestVersionUnstable === true ? versionMax - 1 : versionMax,
  versionMinAdvertised: options.advertisedMin ?? versionMin,
  flexibleSince,
  listeners
})

/**
 * Every API, by key.
 *
 * Produce says that it begins at version 0: older librdkafka otherwise stops compressing.
 *
 * @since 0.1.0
 */
export const all = [
  api(0, "Produce", [3, 13], 9, broker, { advertisedMin: 0 }),
  api(1, "Fetch", [4, 18], 12, both),
  api(2, "ListOffsets", [1, 11], 6, broker),
  api(3, "Metadata", [0, 13], 9, broker),
  api(8, "OffsetCommit", [2, 10], 8, broker),
  api(9, "OffsetFetch", [1, 10], 6, broker),
  api(10, "FindCoordinator", [0, 6], 3, broker),
  api(11, "JoinGroup", [0, 9], 6, broker),
  api(12, "Heartbeat", [0, 4], 4, broker),
  api(13, "LeaveGroup", [0, 5], 4, broker),
  api(14, "SyncGroup", [0, 5], 4, broker),
  api(15, "DescribeGroups", [0, 6], 5, broker),
  api(16, "ListGroups", [0, 5], 3, broker),
  api(17, "SaslHandshake", [0, 1], Infinity, both),
  api(18, "ApiVersions", [0, 4], 3, both),
  api(19, "CreateTopics", [2, 7], 5, both),
  api(20, "DeleteTopics", [1, 6], 4, both),
  api(21, "DeleteRecords", [0, 2], 2, broker),
  api(22, "InitProducerId", [0, 6], 2, broker, {
    latestVersionUnstable: true
  }),
  api(23, "OffsetForLeaderEpoch", [2, 4], 4, broker),
  api(24, "AddPartitionsToTxn", [0, 5], 3, broker),
  api(25, "AddOffsetsToTxn", [0, 4], 3, broker),
  api(26, "EndTxn", [0, 5], 3, broker),
  api(27, "WriteTxnMarkers", [1, 2], 1, broker),
  api(28, "TxnOffsetCommit", [0, 5], 3, broker),
  api(29, "DescribeAcls", [1, 3], 2, both),
  api(30, "CreateAcls", [1, 3], 2, both),
  api(31, "DeleteAcls", [1, 3], 2, both),
  api(32, "DescribeConfigs", [1, 4], 4, both),
  api(33, "AlterConfigs", [0, 2], 2, both),
  api(34, "AlterReplicaLogDirs", [1, 2], 2, broker),
  api(35, "DescribeLogDirs", [1, 5], 2, broker),
  api(36, "SaslAuthenticate", [0, 2], 2, both),
  api(37, "CreatePartitions", [0, 3], 2, both),
  api(38, "CreateDelegationToken", [1, 3], 2, both),
  api(39, "RenewDelegationToken", [1, 2], 2, both),
  api(40, "ExpireDelegationToken", [1, 2], 2, both),
  api(41, "DescribeDelegationToken", [1, 3], 2, both),
  api(42, "DeleteGroups", [0, 2], 2, broker),
  api(43, "ElectLeaders", [0, 2], 2, both),
  api(44, "IncrementalAlterConfigs", [0, 1], 1, both),
  api(45, "AlterPartitionReassignments", [0, 1], 0, both),
  api(46, "ListPartitionReassignments", [0, 0], 0, both),
  api(47, "OffsetDelete", [0, 0], Infinity, broker),
  api(48, "DescribeClientQuotas", [0, 1], 1, broker),
  api(49, "AlterClientQuotas", [0, 1], 1, both),
  api(50, "DescribeUserScramCredentials", [0, 0], 0, both),
  api(51, "AlterUserScramCredentials", [0, 0], 0, both),
  api(52, "Vote", [0, 2], 0, controller),
  api(53, "BeginQuorumEpoch", [0, 1], 1, controller),
  api(54, "EndQuorumEpoch", [0, 1], 1, controller),
  api(55, "DescribeQuorum", [0, 2], 0, both),
  api(56, "AlterPartition", [2, 3], 0, controller),
  api(57, "UpdateFeatures", [0, 2], 0, both),
  api(58, "Envelope", [0, 0], 0, controller),
  api(59, "FetchSnapshot", [0, 1], 0, controller),
  api(60, "DescribeCluster", [0, 2], 0, both),
  api(61, "DescribeProducers", [0, 0], 0, broker),
  api(62, "BrokerRegistration", [0, 4], 0, controller),
  api(63, "BrokerHeartbeat", [0, 2], 0, controller),
  api(64, "UnregisterBroker", [0, 0], 0, both),
  api(65, "DescribeTransactions", [0, 0], 0, broker),
  api(66, "ListTransactions", [0, 2], 0, broker),
  api(67, "AllocateProducerIds", [0, 0], 0, controller),
  api(68, "ConsumerGroupHeartbeat", [0, 1], 0, broker),
  api(69, "ConsumerGroupDescribe", [0, 1], 0, broker),
  api(70, "ControllerRegistration", [0, 0], 0, controller),
  api(71, "GetTelemetrySubscriptions", [0, 0], 0, broker),
  api(72, "PushTelemetry", [0, 0], 0, broker),
  api(73, "AssignReplicasToDirs", [0, 0], 0, controller),
  api(74, "ListConfigResources", [0, 1], 0, broker),
  api(75, "DescribeTopicPartitions", [0, 0], 0, broker),
  api(76, "ShareGroupHeartbeat", [1, 1], 0, broker),
  api(77, "ShareGroupDescribe", [1, 1], 0, broker),
  api(78, "ShareFetch", [1, 2], 0, broker),
  api(79, "ShareAcknowledge", [1, 2], 0, broker),
  api(80, "AddRaftVoter", [0, 1], 0, both),
  api(81, "RemoveRaftVoter", [0, 0], 0, both),
  api(82, "UpdateRaftVoter", [0, 0], 0, controller),
  api(83, "InitializeShareGroupState", [0, 0], 0, broker),
  api(84, "ReadShareGroupState", [0, 0], 0, broker),
  api(85, "WriteShareGroupState", [0, 1], 0, broker),
  api(86, "DeleteShareGroupState", [0, 0], 0, broker),
  api(87, "ReadShareGroupStateSummary", [0, 1], 0, broker),
  api(88, "StreamsGroupHeartbeat", [0, 0], 0, broker),
  api(89, "StreamsGroupDescribe", [0, 0], 0, broker),
  api(90, "DescribeShareGroupOffsets", [0, 1], 0, broker),
  api(91, "AlterShareGroupOffsets", [0, 0], 0, broker),
  api(92, "DeleteShareGroupOffsets", [0, 0], 0, broker)
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
