/**
 * JoinGroup: who may become or stay a member, and what that means for the group.
 *
 * Keeps true: a refused join changes nothing, except that one refused for size forgets a pending id. A static member that
 * comes back replaces itself at once, and whoever used its instance id before is fenced.
 * Leaves to others: bounds of the session timeout and the group's id (`GroupCoordinator`), the rebalance itself.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { JoinGroupRequest, JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import * as limits from "../../limits.ts"
import type { CoordinatorContext } from "../shard/RequestContext.ts"
import { complete, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup, ClassicMember } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupDecision, GroupDraft } from "./GroupDraft.ts"
import { joinRefused } from "./GroupDraft.ts"
import * as Rebalance from "./Rebalance.ts"

/**
 * A join as it is decided. `newMemberId` is the id that a new member gets.
 *
 * @since 0.1.0
 */
export interface JoinInput {
  readonly request: JoinGroupRequest
  readonly context: CoordinatorContext
  readonly newMemberId: string
  readonly ticket: Ticket<JoinGroupResponse>
}

/** The first version whose members have to come back with the id that they were told. */
const memberIdRequiredSince = 4
/** The first version that knows `skipAssignment`. */
const skipAssignmentSince = 9

/**
 * Decides a join to `draft`'s group; `isNew` if the group was made for it.
 *
 * @since 0.1.0
 */
export const join = (draft: GroupDraft, input: JoinInput, isNew: boolean): GroupDecision => {
  const { memberId } = input.request
  if (!accepts(draft.group, memberId, draft.config.sizeMax)) {
    draft.remove(memberId)
    refuse(draft, input, "", ErrorCode.GROUP_MAX_SIZE_REACHED)
    return draft.decision()
  }
  const done = memberId === "" ? joinNew(draft, input) : joinExisting(draft, input)
  // A refused join leaves no trace, least of all a group that was made for it.
  if (!done) return { events: [], completions: draft.completions, timers: [], actions: [] }
  if (isNew && draft.events.length === 0) storeEmpty(draft)
  return draft.decision()
}

/** A new group is stored before its first generation, as an empty one. */
const storeEmpty = (draft: GroupDraft): void => {
  const { groupId } = draft.group
  draft.events.push({
    type: "GroupStored",
    groupId,
    value: Classic.toValue({ ...Classic.empty(groupId, draft.now) })
  })
}

const refuse = (draft: GroupDraft, input: JoinInput, memberId: string, errorCode: number): false => {
  draft.completions.push(complete(input.ticket, joinRefused(memberId, errorCode)))
  return false
}

const accepts = (group: ClassicGroup, memberId: string, sizeMax: number): boolean => {
  switch (group.state) {
    case "Empty":
    case "Dead":
      return true
    case "PreparingRebalance":
      // Members that have not come back do not count: the group may exceed its limit for a while.
      return Boolean(group.members.get(memberId)?.awaitingJoin) || Classic.awaitingJoinCount(group) < sizeMax
    default:
      return group.members.has(memberId) || group.members.size < sizeMax
  }
}

const joinNew = (draft: GroupDraft, input: JoinInput): boolean => {
  const { group } = draft
  const { context, newMemberId, request } = input
  if (!Classic.supportsProtocols(group, request.protocolType, request.protocols)) {
    return refuse(draft, input, "", ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  }
  if (request.groupInstanceId !== null) {
    const existing = group.staticMembers.get(request.groupInstanceId)
    if (existing === undefined) addMember(draft, input, newMemberId)
    else replaceStatic(draft, input, existing)
    return true
  }
  if (context.apiVersion < memberIdRequiredSince) {
    addMember(draft, input, newMemberId)
    return true
  }
  draft.addPendingJoin(newMemberId)
  draft.renewSession(newMemberId, request.sessionTimeoutMs)
  draft.completions.push(complete(input.ticket, joinRefused(newMemberId, ErrorCode.MEMBER_ID_REQUIRED)))
  return true
}

const joinExisting = (draft: GroupDraft, input: JoinInput): boolean => {
  const { group } = draft
  const { groupInstanceId, memberId, protocolType, protocols } = input.request
  if (!Classic.supportsProtocols(group, protocolType, protocols)) {
    return refuse(draft, input, memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  }
  if (group.pendingJoin.has(memberId) && groupInstanceId === null) {
    addMember(draft, input, memberId)
    return true
  }
  const invalid = Classic.validateMember(group, memberId, groupInstanceId)
  if (invalid !== ErrorCode.NONE) return refuse(draft, input, memberId, invalid)
  if (group.state === "Empty" || group.state === "Dead") {
    return refuse(draft, input, memberId, ErrorCode.UNKNOWN_MEMBER_ID)
  }
  const member = group.members.get(memberId)!
  const unchanged = Classic.matches(member, protocols)
  // A leader that joins a stable group again wants a rebalance, for reasons that its metadata may not show.
  const current = unchanged && (group.state === "CompletingRebalance" ||
    (group.state === "Stable" && group.leaderId !== memberId))
  if (current) answerCurrent(draft, input, member)
  else {
    waitForJoin(draft, input, member)
    Rebalance.prepareOrComplete(draft)
  }
  return true
}

const joinResponse = (group: ClassicGroup, memberId: string, withMembers: boolean): JoinGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: ErrorCode.NONE,
  generationId: group.generationId,
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  leader: group.leaderId ?? "",
  skipAssignment: false,
  memberId,
  members: withMembers ? Classic.joinedMembers(group) : []
})

/** The member has missed the answer to its join, or only wants to know: it gets the present generation. */
const answerCurrent = (draft: GroupDraft, input: JoinInput, member: ClassicMember): void => {
  const { group } = draft
  const { memberId } = member
  draft.renewSession(memberId, member.sessionTimeoutMs)
  draft.completions.push(complete(input.ticket, joinResponse(group, memberId, group.leaderId === memberId)))
}

/** The member as its request has it, waiting for its answer. An earlier request that still waits is told to come again. */
const waitForJoin = (draft: GroupDraft, input: JoinInput, member: ClassicMember): void => {
  const { request, ticket } = input
  draft.answerJoin(member, joinRefused(member.memberId, ErrorCode.REBALANCE_IN_PROGRESS))
  draft.put({
    ...draft.group.members.get(member.memberId)!,
    protocols: protocolsOf(request),
    rebalanceTimeoutMs: rebalanceTimeoutOf(request),
    sessionTimeoutMs: request.sessionTimeoutMs,
    awaitingJoin: ticket
  })
}

/** A copy, because the member outlives the request's frame. */
const protocolsOf = (request: JoinGroupRequest): ReadonlyArray<Classic.MemberProtocol> =>
  request.protocols.map(({ metadata, name }) => ({ name, metadata: metadata.slice() }))

/** Version 0 has no rebalance timeout. */
const rebalanceTimeoutOf = (request: JoinGroupRequest): number =>
  request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs

const addMember = (draft: GroupDraft, input: JoinInput, memberId: string): void => {
  const { group } = draft
  const { context, request, ticket } = input
  if (group.state === "PreparingRebalance" && group.previousState === "Empty") draft.set({ newMemberAdded: true })
  draft.put({
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutOf(request),
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols: protocolsOf(request),
    assignment: Classic.noBytes,
    isNew: true,
    awaitingJoin: ticket,
    awaitingSync: null
  }, request.protocolType)
  // A new member may not know its id yet, so it cannot send heartbeats; but it must not stay for ever either.
  draft.renewSession(memberId, limits.groupNewMemberJoinTimeoutMs)
  Rebalance.prepareOrComplete(draft)
}

/** A static member is back under its instance id: it takes its own place, with a new member id. */
const replaceStatic = (draft: GroupDraft, input: JoinInput, oldMemberId: string): void => {
  const { group } = draft
  const { context, newMemberId, request } = input
  const oldLeader = group.leaderId
  const old = group.members.get(oldMemberId)!
  draft.remove(oldMemberId, ErrorCode.FENCED_INSTANCE_ID)
  draft.put({ ...old, memberId: newMemberId, awaitingJoin: null, awaitingSync: null })
  if (oldLeader === oldMemberId) draft.set({ leaderId: newMemberId })
  draft.renewSession(newMemberId, request.sessionTimeoutMs)
  waitForJoin(draft, input, group.members.get(newMemberId)!)
  if (group.state !== "Stable") {
    // An assignment that is on its way names the old member id, so it must be made again.
    if (group.state === "CompletingRebalance") Rebalance.prepare(draft)
    else Rebalance.completeIfAllJoined(draft)
    return
  }
  if (group.protocolName !== Classic.selectProtocol(group)) return Rebalance.prepareOrComplete(draft)
  draft.store()
  const skips = context.apiVersion >= skipAssignmentSince
  const isLeader = group.leaderId === newMemberId
  draft.answerJoin(group.members.get(newMemberId)!, {
    ...joinResponse(group, newMemberId, skips && isLeader),
    // Before version 9 a leader could not be told to keep the assignment, so it must not know that it leads.
    leader: (skips ? group.leaderId : oldLeader) ?? "",
    skipAssignment: skips && isLeader
  })
}
