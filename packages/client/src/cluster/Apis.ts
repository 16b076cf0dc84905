/**
 * The APIs that the client speaks: each a pair of tables.
 *
 * @since 0.1.0
 */
import type * as Message from "@millrace/core/protocol/Message"
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "@millrace/core/protocol/messages/AddOffsetsToTxn"
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse
} from "@millrace/core/protocol/messages/AddPartitionsToTxn"
import { ApiVersionsRequest, ApiVersionsResponse } from "@millrace/core/protocol/messages/ApiVersions"
import { CreatePartitionsRequest, CreatePartitionsResponse } from "@millrace/core/protocol/messages/CreatePartitions"
import { CreateTopicsRequest, CreateTopicsResponse } from "@millrace/core/protocol/messages/CreateTopics"
import { DeleteGroupsRequest, DeleteGroupsResponse } from "@millrace/core/protocol/messages/DeleteGroups"
import { DeleteRecordsRequest, DeleteRecordsResponse } from "@millrace/core/protocol/messages/DeleteRecords"
import { DeleteTopicsRequest, DeleteTopicsResponse } from "@millrace/core/protocol/messages/DeleteTopics"
import { DescribeClusterRequest, DescribeClusterResponse } from "@millrace/core/protocol/messages/DescribeCluster"
import { DescribeConfigsRequest, DescribeConfigsResponse } from "@millrace/core/protocol/messages/DescribeConfigs"
import { DescribeGroupsRequest, DescribeGroupsResponse } from "@millrace/core/protocol/messages/DescribeGroups"
import { DescribeProducersRequest, DescribeProducersResponse } from "@millrace/core/protocol/messages/DescribeProducers"
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse
} from "@millrace/core/protocol/messages/DescribeTransactions"
import { EndTxnRequest, EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { FindCoordinatorRequest, FindCoordinatorResponse } from "@millrace/core/protocol/messages/FindCoordinator"
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
} from "@millrace/core/protocol/messages/IncrementalAlterConfigs"
import { InitProducerIdRequest, InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import { JoinGroupRequest, JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import { LeaveGroupRequest, LeaveGroupResponse } from "@millrace/core/protocol/messages/LeaveGroup"
import { ListGroupsRequest, ListGroupsResponse } from "@millrace/core/protocol/messages/ListGroups"
import { ListOffsetsRequest, ListOffsetsResponse } from "@millrace/core/protocol/messages/ListOffsets"
import { ListTransactionsRequest, ListTransactionsResponse } from "@millrace/core/protocol/messages/ListTransactions"
import { MetadataRequest, MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { OffsetCommitRequest, OffsetCommitResponse } from "@millrace/core/protocol/messages/OffsetCommit"
import { OffsetDeleteRequest, OffsetDeleteResponse } from "@millrace/core/protocol/messages/OffsetDelete"
import { OffsetFetchRequest, OffsetFetchResponse } from "@millrace/core/protocol/messages/OffsetFetch"
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
} from "@millrace/core/protocol/messages/OffsetForLeaderEpoch"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { SyncGroupRequest, SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"

/**
 * A request and what answers it.
 *
 * @since 0.1.0
 */
export interface Api<out Q extends Message.Any, out S extends Message.Any> {
  readonly request: Q
  readonly response: S
}

/**
 * `ApiVersions`.
 *
 * @since 0.1.0
 */
export const apiVersions = { request: ApiVersionsRequest, response: ApiVersionsResponse }
/**
 * `Metadata`.
 *
 * @since 0.1.0
 */
export const metadata = { request: MetadataRequest, response: MetadataResponse }
/**
 * `FindCoordinator`.
 *
 * @since 0.1.0
 */
export const findCoordinator = { request: FindCoordinatorRequest, response: FindCoordinatorResponse }
/**
 * `Produce`.
 *
 * @since 0.1.0
 */
export const produce = { request: ProduceRequest, response: ProduceResponse }
/**
 * `Fetch`.
 *
 * @since 0.1.0
 */
export const fetch = { request: FetchRequest, response: FetchResponse }
/**
 * `ListOffsets`.
 *
 * @since 0.1.0
 */
export const listOffsets = { request: ListOffsetsRequest, response: ListOffsetsResponse }
/**
 * `OffsetForLeaderEpoch`.
 *
 * @since 0.1.0
 */
export const offsetForLeaderEpoch = { request: OffsetForLeaderEpochRequest, response: OffsetForLeaderEpochResponse }
/**
 * `OffsetCommit`.
 *
 * @since 0.1.0
 */
export const offsetCommit = { request: OffsetCommitRequest, response: OffsetCommitResponse }
/**
 * `OffsetFetch`.
 *
 * @since 0.1.0
 */
export const offsetFetch = { request: OffsetFetchRequest, response: OffsetFetchResponse }
/**
 * `OffsetDelete`.
 *
 * @since 0.1.0
 */
export const offsetDelete = { request: OffsetDeleteRequest, response: OffsetDeleteResponse }
/**
 * `JoinGroup`.
 *
 * @since 0.1.0
 */
export const joinGroup = { request: JoinGroupRequest, response: JoinGroupResponse }
/**
 * `SyncGroup`.
 *
 * @since 0.1.0
 */
export const syncGroup = { request: SyncGroupRequest, response: SyncGroupResponse }
/**
 * `Heartbeat`.
 *
 * @since 0.1.0
 */
export const heartbeat = { request: HeartbeatRequest, response: HeartbeatResponse }
/**
 * `LeaveGroup`.
 *
 * @since 0.1.0
 */
export const leaveGroup = { request: LeaveGroupRequest, response: LeaveGroupResponse }
/**
 * `ListGroups`.
 *
 * @since 0.1.0
 */
export const listGroups = { request: ListGroupsRequest, response: ListGroupsResponse }
/**
 * `DescribeGroups`.
 *
 * @since 0.1.0
 */
export const describeGroups = { request: DescribeGroupsRequest, response: DescribeGroupsResponse }
/**
 * `DeleteGroups`.
 *
 * @since 0.1.0
 */
export const deleteGroups = { request: DeleteGroupsRequest, response: DeleteGroupsResponse }
/**
 * `InitProducerId`.
 *
 * @since 0.1.0
 */
export const initProducerId = { request: InitProducerIdRequest, response: InitProducerIdResponse }
/**
 * `AddPartitionsToTxn`.
 *
 * @since 0.1.0
 */
export const addPartitionsToTxn = { request: AddPartitionsToTxnRequest, response: AddPartitionsToTxnResponse }
/**
 * `AddOffsetsToTxn`.
 *
 * @since 0.1.0
 */
export const addOffsetsToTxn = { request: AddOffsetsToTxnRequest, response: AddOffsetsToTxnResponse }
/**
 * `EndTxn`.
 *
 * @since 0.1.0
 */
export const endTxn = { request: EndTxnRequest, response: EndTxnResponse }
/**
 * `TxnOffsetCommit`.
 *
 * @since 0.1.0
 */
export const txnOffsetCommit = { request: TxnOffsetCommitRequest, response: TxnOffsetCommitResponse }
/**
 * `CreateTopics`.
 *
 * @since 0.1.0
 */
export const createTopics = { request: CreateTopicsRequest, response: CreateTopicsResponse }
/**
 * `DeleteTopics`.
 *
 * @since 0.1.0
 */
export const deleteTopics = { request: DeleteTopicsRequest, response: DeleteTopicsResponse }
/**
 * `CreatePartitions`.
 *
 * @since 0.1.0
 */
export const createPartitions = { request: CreatePartitionsRequest, response: CreatePartitionsResponse }
/**
 * `DeleteRecords`.
 *
 * @since 0.1.0
 */
export const deleteRecords = { request: DeleteRecordsRequest, response: DeleteRecordsResponse }
/**
 * `DescribeConfigs`.
 *
 * @since 0.1.0
 */
export const describeConfigs = { request: DescribeConfigsRequest, response: DescribeConfigsResponse }
/**
 * `IncrementalAlterConfigs`.
 *
 * @since 0.1.0
 */
export const incrementalAlterConfigs = {
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse
}
/**
 * `DescribeProducers`.
 *
 * @since 0.1.0
 */
export const describeProducers = { request: DescribeProducersRequest, response: DescribeProducersResponse }
/**
 * `DescribeTransactions`.
 *
 * @since 0.1.0
 */
export const describeTransactions = { request: DescribeTransactionsRequest, response: DescribeTransactionsResponse }
/**
 * `ListTransactions`.
 *
 * @since 0.1.0
 */
export const listTransactions = { request: ListTransactionsRequest, response: ListTransactionsResponse }
/**
 * `DescribeCluster`.
 *
 * @since 0.1.0
 */
export const describeCluster = { request: DescribeClusterRequest, response: DescribeClusterResponse }
