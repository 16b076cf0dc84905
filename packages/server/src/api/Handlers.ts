/**
 * The one list of APIs that this broker serves. ApiVersions tells clients of these, and of no other.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as AddOffsetsToTxn from "./AddOffsetsToTxn.ts"
import * as AddPartitionsToTxn from "./AddPartitionsToTxn.ts"
import * as AlterConfigs from "./AlterConfigs.ts"
import * as ApiVersions from "./ApiVersions.ts"
import * as CreatePartitions from "./CreatePartitions.ts"
import * as CreateTopics from "./CreateTopics.ts"
import * as DeleteGroups from "./DeleteGroups.ts"
import * as DeleteRecords from "./DeleteRecords.ts"
import * as DeleteTopics from "./DeleteTopics.ts"
import * as DescribeCluster from "./DescribeCluster.ts"
import * as DescribeConfigs from "./DescribeConfigs.ts"
import * as DescribeGroups from "./DescribeGroups.ts"
import * as DescribeProducers from "./DescribeProducers.ts"
import * as DescribeLogDirs from "./DescribeLogDirs.ts"
import * as DescribeQuorum from "./DescribeQuorum.ts"
import * as DescribeTopicPartitions from "./DescribeTopicPartitions.ts"
import * as ListConfigResources from "./ListConfigResources.ts"
import * as DescribeTransactions from "./DescribeTransactions.ts"
import * as EndTxn from "./EndTxn.ts"
import * as Fetch from "./Fetch.ts"
import * as FindCoordinator from "./FindCoordinator.ts"
import * as Heartbeat from "./Heartbeat.ts"
import * as IncrementalAlterConfigs from "./IncrementalAlterConfigs.ts"
import * as InitProducerId from "./InitProducerId.ts"
import * as JoinGroup from "./JoinGroup.ts"
import * as LeaveGroup from "./LeaveGroup.ts"
import * as ListGroups from "./ListGroups.ts"
import * as ListOffsets from "./ListOffsets.ts"
import * as ListTransactions from "./ListTransactions.ts"
import * as Metadata from "./Metadata.ts"
import * as OffsetCommit from "./OffsetCommit.ts"
import * as OffsetDelete from "./OffsetDelete.ts"
import * as OffsetFetch from "./OffsetFetch.ts"
import * as OffsetForLeaderEpoch from "./OffsetForLeaderEpoch.ts"
import * as Produce from "./Produce.ts"
import * as SyncGroup from "./SyncGroup.ts"
import * as TxnOffsetCommit from "./TxnOffsetCommit.ts"
import * as WriteTxnMarkers from "./WriteTxnMarkers.ts"

/**
 * All handlers, ApiVersions last.
 *
 * @since 0.1.0
 */
export const all = Effect.gen(function*() {
  const handlers = yield* Effect.all([
    Produce.handler,
    Fetch.handler,
    ListOffsets.handler,
    Metadata.handler,
    OffsetCommit.handler,
    OffsetFetch.handler,
    FindCoordinator.handler,
    JoinGroup.handler,
    Heartbeat.handler,
    LeaveGroup.handler,
    SyncGroup.handler,
    DescribeGroups.handler,
    ListGroups.handler,
    CreateTopics.handler,
    DeleteTopics.handler,
    DeleteRecords.handler,
    InitProducerId.handler,
    OffsetForLeaderEpoch.handler,
    AddPartitionsToTxn.handler,
    AddOffsetsToTxn.handler,
    EndTxn.handler,
    WriteTxnMarkers.handler,
    TxnOffsetCommit.handler,
    DescribeConfigs.handler,
    AlterConfigs.handler,
    CreatePartitions.handler,
    DeleteGroups.handler,
    IncrementalAlterConfigs.handler,
    OffsetDelete.handler,
    DescribeCluster.handler,
    DescribeProducers.handler,
    DescribeTransactions.handler,
    ListTransactions.handler,
    DescribeLogDirs.handler,
    DescribeQuorum.handler,
    DescribeTopicPartitions.handler,
    ListConfigResources.handler
  ])
  return [...handlers, yield* ApiVersions.handler(handlers)]
})
