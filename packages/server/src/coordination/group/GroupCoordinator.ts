/**
 * The group coordinator: classic groups and committed offsets, kept in `__consumer_offsets`.
 *
 * Keeps true: no method fails; what is refused is in the response, in the terms of the request's version.
 * Leaves to others: decisions (the pure modules of this folder), storage and time (`shard`), authorization, which
 * partitions this broker leads, FindCoordinator (they ask `partitionFor`).
 *
 * @since 0.1.0
 */
import type { DeleteGroupsRequest, DeleteGroupsResponse } from "@millrace/core/protocol/messages/DeleteGroups"
import type { DescribeGroupsRequest, DescribeGroupsResponse } from "@millrace/core/protocol/messages/DescribeGroups"
import type { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import type { JoinGroupRequest, JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import type { LeaveGroupRequest, LeaveGroupResponse } from "@millrace/core/protocol/messages/LeaveGroup"
import type { ListGroupsRequest, ListGroupsResponse } from "@millrace/core/protocol/messages/ListGroups"
import type { OffsetCommitRequest, OffsetCommitResponse } from "@millrace/core/protocol/messages/OffsetCommit"
import type { OffsetDeleteRequest, OffsetDeleteResponse } from "@millrace/core/protocol/messages/OffsetDelete"
import type { OffsetFetchRequest, OffsetFetchResponse } from "@millrace/core/protocol/messages/OffsetFetch"
import type { SyncGroupRequest, SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { CoordinatorContext } from "../shard/RequestContext.ts"
import type { ShardError } from "../shard/ShardError.ts"
import type { ShardLog, ShardMarker } from "../shard/ShardLog.ts"

/**
 * One method per API, and what the broker tells the coordinator.
 *
 * @since 0.1.0
 */
export interface GroupCoordinatorApi {
  /** The partition of `__consumer_offsets` that holds a group; undefined while the topic does not exist. */
  readonly partitionFor: (groupId: string) => number | undefined
  /** Waits for the rebalance to complete, at most the group's rebalance timeout. */
  readonly joinGroup: (request: JoinGroupRequest, context: CoordinatorContext) => Effect.Effect<JoinGroupResponse>
  /** Waits for the leader's assignment, at most the group's rebalance timeout. */
  readonly syncGroup: (request: SyncGroupRequest, context: CoordinatorContext) => Effect.Effect<SyncGroupResponse>
  readonly heartbeat: (request: HeartbeatRequest, context: CoordinatorContext) => Effect.Effect<HeartbeatResponse>
  readonly leaveGroup: (request: LeaveGroupRequest, context: CoordinatorContext) => Effect.Effect<LeaveGroupResponse>
  readonly offsetCommit: (
    request: OffsetCommitRequest,
    context: CoordinatorContext
  ) => Effect.Effect<OffsetCommitResponse>
  /** The caller has verified the transaction (`TransactionCoordinator.verify`). */
  readonly txnOffsetCommit: (
    request: TxnOffsetCommitRequest,
    context: CoordinatorContext
  ) => Effect.Effect<TxnOffsetCommitResponse>
  readonly offsetFetch: (request: OffsetFetchRequest, context: CoordinatorContext) => Effect.Effect<OffsetFetchResponse>
  readonly offsetDelete: (
    request: OffsetDeleteRequest,
    context: CoordinatorContext
  ) => Effect.Effect<OffsetDeleteResponse>
  readonly listGroups: (request: ListGroupsRequest, context: CoordinatorContext) => Effect.Effect<ListGroupsResponse>
  readonly describeGroups: (
    request: DescribeGroupsRequest,
    context: CoordinatorContext
  ) => Effect.Effect<DescribeGroupsResponse>
  readonly deleteGroups: (
    request: DeleteGroupsRequest,
    context: CoordinatorContext
  ) => Effect.Effect<DeleteGroupsResponse>

  /** Ends a transaction at a partition of `__consumer_offsets`: writes the marker, and its pending offsets count or vanish. */
  readonly completeTransaction: (partition: number, marker: ShardMarker) => Effect.Effect<void, ShardError>
  /** Forgets the offsets of topics that are gone. */
  readonly topicsDeleted: (names: ReadonlyArray<string>) => Effect.Effect<void>
  /** This broker leads the partition now; its groups are served once the log is read. */
  readonly elected: (partition: number, leaderEpoch: number, log: ShardLog) => Effect.Effect<void>
  /** This broker leads the partition no more. */
  readonly resigned: (partition: number) => Effect.Effect<void>
}

/**
 * The group coordinator of a broker.
 *
 * @since 0.1.0
 */
export class GroupCoordinator extends Context.Service<GroupCoordinator, GroupCoordinatorApi>()(
  "@millrace/server/coordination/GroupCoordinator"
) {}
