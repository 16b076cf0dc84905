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
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { CoordinatorContext } from "../shard/RequestContext.ts"
import type { Decide, Shard } from "../shard/Shard.ts"
import { answer } from "../shard/ShardDecision.ts"
import type { ShardError } from "../shard/ShardError.ts"
import type { ShardLog, ShardMarker, ShardProducer } from "../shard/ShardLog.ts"
import * as ShardRuntime from "../shard/ShardRuntime.ts"
import { consumerOffsetsTopic, partitionOf, TopicDirectory } from "../shard/TopicDirectory.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Foreign from "./ForeignGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import * as GroupAdmin from "./GroupAdmin.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import { GroupDraft, type GroupTimer, joinRefused, syncRefused } from "./GroupDraft.ts"
import type { GroupEvent } from "./GroupEvent.ts"
import * as GroupMachine from "./GroupMachine.ts"
import type { GroupState } from "./GroupState.ts"
import * as Join from "./Join.ts"
import * as Leave from "./Leave.ts"
import * as OffsetApis from "./OffsetApis.ts"
import type { CommitInput } from "./OffsetCommits.ts"
import * as OffsetCommits from "./OffsetCommits.ts"
import * as OffsetRemovals from "./OffsetRemovals.ts"
import * as Session from "./Session.ts"
import * as Sync from "./Sync.ts"

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
  /**
   * `vouch` asks the transaction's coordinator whether it may write to a partition of `__consumer_offsets`; an error code. A
   * transaction that ends between that and the write commits nothing.
   */
  readonly txnOffsetCommit: (
    request: TxnOffsetCommitRequest,
    vouch: (partition: number) => Effect.Effect<number>
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

type GroupShard = Shard<GroupState, GroupEvent, GroupTimer, never>
type GroupDecide<A> = Decide<GroupState, GroupEvent, GroupTimer, never, A>

/** Coordinators that one request may ask at the same time. */
const concurrency = 16

/**
 * The group coordinator with these settings; its shards end with the scope.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(config: GroupConfig) {
  const topics = yield* TopicDirectory
  const runtime = yield* ShardRuntime.make<GroupState, GroupEvent, GroupTimer, never>({
    machine: GroupMachine.make(config),
    perform: (action) => action
  })
  const partitionFor = (groupId: string) => partitionOf(topics, consumerOffsetsTopic, groupId)

  /** Uses the shard of a group; what keeps it from answering goes through `refuse`. */
  const withShard = <A>(
    groupId: string,
    refuse: (code: number) => A,
    use: (shard: GroupShard) => Effect.Effect<A, ShardError>
  ): Effect.Effect<A> =>
    Effect.suspend(() => {
      const partition = partitionFor(groupId)
      if (partition === undefined) return Effect.succeed(refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE))
      return Effect.catch(
        Effect.flatMap(runtime.shard(partition), use),
        (error) => Effect.succeed(refuse(error.code))
      )
    })

  const ask = <A>(groupId: string, decide: GroupDecide<A>, refuse: (code: number) => A): Effect.Effect<A> =>
    withShard(groupId, refuse, (shard) => shard.submit(decide))

  const draftOf = (group: ClassicGroup, now: number) => new GroupDraft(group, now, config)

  const joinGroup = Effect.fnUntraced(function*(request: JoinGroupRequest, context: CoordinatorContext) {
    const { groupId, memberId, sessionTimeoutMs } = request
    const refuse = (code: number) => joinResponseFor(context.apiVersion, joinRefused(memberId, code))
    if (groupId === "") return refuse(ErrorCode.INVALID_GROUP_ID)
    if (sessionTimeoutMs < config.sessionTimeoutMinMs || sessionTimeoutMs > config.sessionTimeoutMaxMs) {
      return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
    }
    const newMemberId = `${request.groupInstanceId ?? context.clientId}-${yield* randomUuid}`
    const response = yield* ask<JoinGroupResponse>(groupId, (state, now, ticket) => {
      const input = { request, context, newMemberId, ticket }
      const existing = state.groups.get(groupId)
      if (existing !== undefined) return Join.join(draftOf(existing, now), input, false)
      const foreign = state.foreign.get(groupId)
      // Kafka would let classic members into a consumer group that lives; here nobody could serve the others.
      if (Foreign.isLive(foreign) || (foreign !== undefined && foreign.groupType === "share")) {
        return answer(ticket, joinRefused("", ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
      }
      if (memberId !== "") return answer(ticket, joinRefused(memberId, ErrorCode.UNKNOWN_MEMBER_ID))
      const draft = draftOf(Classic.empty(groupId, now), now)
      const decision = Join.join(draft, input, true)
      // A group of another kind becomes a classic one with its first classic member.
      return decision.events.length === 0
        ? decision
        : { ...decision, events: [...Foreign.removed(groupId, foreign), ...decision.events] }
    }, (code) => joinRefused(memberId, code))
    return joinResponseFor(context.apiVersion, response)
  })

  const syncGroup = (request: SyncGroupRequest): Effect.Effect<SyncGroupResponse> => {
    if (request.groupId === "") return Effect.succeed(syncRefused(ErrorCode.INVALID_GROUP_ID))
    return ask(request.groupId, (state, now, ticket) => {
      const group = state.groups.get(request.groupId)
      if (group === undefined) return answer(ticket, syncRefused(ErrorCode.UNKNOWN_MEMBER_ID))
      return Sync.sync(draftOf(group, now), request, ticket)
    }, syncRefused)
  }

  const heartbeat = (request: HeartbeatRequest): Effect.Effect<HeartbeatResponse> => {
    const respond = (errorCode: number) => ({ throttleTimeMs: 0, errorCode })
    if (request.groupId === "") return Effect.succeed(respond(ErrorCode.INVALID_GROUP_ID))
    return ask(request.groupId, (state, now, ticket) => {
      const group = state.groups.get(request.groupId)
      if (group === undefined) return answer(ticket, respond(ErrorCode.UNKNOWN_MEMBER_ID))
      return Session.heartbeat(group, request, now, ticket)
      // While groups are being loaded every heartbeat is fine: sessions begin when loading is over.
    }, (code) => respond(code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : code))
  }

  const leaveGroup = (request: LeaveGroupRequest, context: CoordinatorContext): Effect.Effect<LeaveGroupResponse> => {
    const refuse = (errorCode: number) => ({ throttleTimeMs: 0, errorCode, members: [] })
    if (request.groupId === "") return Effect.succeed(refuse(ErrorCode.INVALID_GROUP_ID))
    return ask<LeaveGroupResponse>(request.groupId, (state, now, ticket) => {
      const group = state.groups.get(request.groupId)
      if (group === undefined) return Leave.unknownGroup(request, context.apiVersion, ticket)
      return Leave.leave(draftOf(group, now), request, context.apiVersion, ticket)
    }, refuse)
  }

  const decideCommit = (input: CommitInput): GroupDecide<ReadonlyArray<number>> => (state, now, ticket) =>
    OffsetCommits.commit(state, input, now, config, ticket)
  const refuseCommit = (input: CommitInput) => (code: number) => input.offsets.map(() => code)

  const offsetCommit = (
    request: OffsetCommitRequest,
    { apiVersion }: CoordinatorContext
  ): Effect.Effect<OffsetCommitResponse> =>
    OffsetApis.offsetCommit(
      request,
      apiVersion,
      topics,
      (input) => ask<ReadonlyArray<number>>(input.groupId, decideCommit(input), refuseCommit(input))
    )

  const txnOffsetCommit: GroupCoordinatorApi["txnOffsetCommit"] = (
    { producerEpoch, producerId, ...request },
    vouch
  ) => {
    const producer: ShardProducer = { producerId, producerEpoch }
    return OffsetApis.txnOffsetCommit(
      request,
      topics,
      (input) =>
        withShard<ReadonlyArray<number>>(input.groupId, refuseCommit(input), (shard) =>
          Effect.flatMap(
            shard.verify(producer, vouch(shard.partition)),
            (verification) => shard.submit(decideCommit(input), producer, verification)
          ))
    )
  }

  const offsetFetch = (
    request: OffsetFetchRequest,
    { apiVersion }: CoordinatorContext
  ): Effect.Effect<OffsetFetchResponse> =>
    OffsetApis.offsetFetch(request, apiVersion, topics, (groupId, decide, refuse) => ask(groupId, decide, refuse))

  const offsetDelete = (request: OffsetDeleteRequest): Effect.Effect<OffsetDeleteResponse> => {
    const refuse = (errorCode: number) => ({ errorCode, throttleTimeMs: 0, topics: [] })
    if (request.groupId === "") return Effect.succeed(refuse(ErrorCode.INVALID_GROUP_ID))
    const exists = (topic: string, partition: number) => partition >= 0 && partition < topics.partitionCount(topic)
    return ask<OffsetDeleteResponse>(
      request.groupId,
      (state, _now, ticket) => OffsetRemovals.offsetDelete(state, request, exists, ticket),
      refuse
    )
  }

  const listGroups = Effect.fnUntraced(function*(request: ListGroupsRequest) {
    const groups: Array<ListGroupsResponse["groups"][number]> = []
    for (const shard of runtime.shards()) {
      const listed = yield* Effect.result(listShard(shard, request))
      if (Result.isSuccess(listed)) groups.push(...listed.success)
      else if (listed.failure.reason !== "NotOwner") {
        return { throttleTimeMs: 0, errorCode: listed.failure.code, groups: [] }
      }
    }
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, groups }
  })

  const describeGroups = (
    request: DescribeGroupsRequest,
    { apiVersion }: CoordinatorContext
  ): Effect.Effect<DescribeGroupsResponse> =>
    Effect.map(
      Effect.forEach(request.groups, (groupId) =>
        ask<DescribeGroupsResponse["groups"][number]>(
          groupId,
          (state, _now, ticket) => answer(ticket, GroupAdmin.describe(state, groupId, apiVersion)),
          (code) => GroupAdmin.undescribed(groupId, code, null)
        ), { concurrency }),
      (groups) => ({ throttleTimeMs: 0, groups })
    )

  const deleteGroups = (request: DeleteGroupsRequest): Effect.Effect<DeleteGroupsResponse> =>
    Effect.map(
      Effect.forEach([...new Set(request.groupsNames)], (groupId) =>
        Effect.map(
          ask<number>(
            groupId,
            (state, _now, ticket) => GroupAdmin.deleteGroup(state, groupId, ticket),
            (code) => code
          ),
          (errorCode) => ({ groupId, errorCode })
        ), { concurrency }),
      (results) => ({ throttleTimeMs: 0, results })
    )

  const topicsDeleted = (names: ReadonlyArray<string>): Effect.Effect<void> => {
    const gone = new Set(names)
    return Effect.forEach(runtime.shards(), (shard) =>
      Effect.catch(
        shard.submit<void>((state, _now, ticket) => OffsetRemovals.topicsDeleted(state, gone, ticket)),
        (error) => Effect.logWarning(`offsets of deleted topics stay in partition ${shard.partition}: ${error.message}`)
      ), { discard: true })
  }

  return GroupCoordinator.of({
    partitionFor,
    joinGroup,
    syncGroup,
    heartbeat,
    leaveGroup,
    offsetCommit,
    txnOffsetCommit,
    offsetFetch,
    offsetDelete,
    listGroups,
    describeGroups,
    deleteGroups,
    completeTransaction: (partition, marker) =>
      Effect.flatMap(runtime.shard(partition), (shard) => shard.appendMarker(marker)),
    topicsDeleted,
    elected: runtime.elected,
    resigned: runtime.resigned
  })
})

const listShard = (shard: GroupShard, request: ListGroupsRequest) =>
  shard.submit<ListGroupsResponse["groups"]>((state, _now, ticket) => answer(ticket, GroupAdmin.list(state, request)))

/** The first version whose protocol name may be null. */
const nullProtocolNameSince = 7

const joinResponseFor = (apiVersion: number, response: JoinGroupResponse): JoinGroupResponse =>
  apiVersion < nullProtocolNameSince && response.protocolName === null ? { ...response, protocolName: "" } : response

/** A random uuid as Java prints it, for member ids. */
const randomUuid = Effect.map(Uuid.make, (text) => {
  const hex = [...Uuid.toBytesUnsafe(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
})

/**
 * The group coordinator with these settings; its shards end with the layer.
 *
 * @since 0.1.0
 */
export const layer = (config: GroupConfig): Layer.Layer<GroupCoordinator, never, TopicDirectory> =>
  Layer.effect(GroupCoordinator, make(config))
