/**
 * LeaveGroup: members go, one by one or several at once; static members may be sent away by their instance id.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { LeaveGroupRequest, LeaveGroupResponse } from "@millrace/core/protocol/messages/LeaveGroup"
import { answer, complete, type Ticket } from "../shard/ShardDecision.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupDecision, GroupDraft } from "./GroupDraft.ts"
import * as Rebalance from "./Rebalance.ts"

type Leaving = LeaveGroupRequest["members"][number]

/** The first version that names several members. */
const severalSince = 3

/**
 * Who is leaving, whatever the version.
 *
 * @since 0.1.0
 */
export const leaving = (request: LeaveGroupRequest, apiVersion: number): ReadonlyArray<Leaving> =>
  apiVersion < severalSince ? [{ memberId: request.memberId, groupInstanceId: null, reason: null }] : request.members

/**
 * The answer, in the terms of the version.
 *
 * @since 0.1.0
 */
export const response = (
  members: LeaveGroupResponse["members"],
  apiVersion: number
): LeaveGroupResponse =>
  apiVersion < severalSince
    ? { throttleTimeMs: 0, errorCode: members[0]!.errorCode, members: [] }
    : { throttleTimeMs: 0, errorCode: ErrorCode.NONE, members }

const result = (member: Leaving, errorCode: number): LeaveGroupResponse["members"][number] => ({
  memberId: member.memberId,
  groupInstanceId: member.groupInstanceId,
  errorCode
})

/**
 * Decides who leaves `draft`'s group.
 *
 * @since 0.1.0
 */
export const leave = (
  draft: GroupDraft,
  request: LeaveGroupRequest,
  apiVersion: number,
  ticket: Ticket<LeaveGroupResponse>
): GroupDecision => {
  const members = leaving(request, apiVersion).map((member) => result(member, leaveOne(draft, member)))
  if (members.some((member) => member.errorCode === ErrorCode.NONE)) Rebalance.membersRemoved(draft)
  draft.completions.push(complete(ticket, response(members, apiVersion)))
  return draft.decision()
}

const leaveOne = (draft: GroupDraft, member: Leaving): number => {
  const { group } = draft
  const { groupInstanceId, memberId } = member
  if (memberId === "") {
    const named = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId)
    if (named === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    draft.remove(named)
    return ErrorCode.NONE
  }
  if (group.pendingJoin.has(memberId)) {
    draft.remove(memberId)
    return ErrorCode.NONE
  }
  const invalid = Classic.validateMember(group, memberId, groupInstanceId)
  if (invalid === ErrorCode.NONE) draft.remove(memberId)
  return invalid
}

/**
 * The answer when the group does not exist.
 *
 * @since 0.1.0
 */
export const unknownGroup = (
  request: LeaveGroupRequest,
  apiVersion: number,
  ticket: Ticket<LeaveGroupResponse>
): GroupDecision =>
  answer(
    ticket,
    response(leaving(request, apiVersion).map((member) => result(member, ErrorCode.UNKNOWN_MEMBER_ID)), apiVersion)
  )
