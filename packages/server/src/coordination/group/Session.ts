/**
 * Heartbeats, and what happens when they stay away.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { answer, nothing, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupDecision, GroupDraft } from "./GroupDraft.ts"
import { sessionTimer } from "./GroupDraft.ts"
import * as Rebalance from "./Rebalance.ts"

/**
 * Decides a heartbeat: the member's session goes on, and it learns of a rebalance.
 *
 * @since 0.1.0
 */
export const heartbeat = (
  group: ClassicGroup,
  request: HeartbeatRequest,
  now: number,
  ticket: Ticket<HeartbeatResponse>
): GroupDecision => {
  const errorCode = validate(group, request)
  const decision = answer(ticket, { throttleTimeMs: 0, errorCode })
  const lives = errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS
  return lives ? { ...decision, timers: renewed(group, request.memberId, now) } : decision
}

const validate = (group: ClassicGroup, request: HeartbeatRequest): number => {
  const invalid = Classic.validateMember(group, request.memberId, request.groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  return group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

/**
 * A sign of life of a member, as a timer.
 *
 * @since 0.1.0
 */
export const renewed = (group: ClassicGroup, memberId: string, now: number): GroupDecision["timers"] => {
  const member = group.members.get(memberId)
  return member === undefined ? [] : [sessionTimer(group.groupId, memberId, now + member.sessionTimeoutMs)]
}

/**
 * A member has not been heard of for its session timeout. Who waits for a rebalance is alive: the rebalance will see to
 * its session; but a new member that has waited for ever is given up.
 *
 * @since 0.1.0
 */
export const sessionTimedOut = (draft: GroupDraft, memberId: string): GroupDecision => {
  const { group } = draft
  if (group.pendingJoin.has(memberId)) {
    draft.remove(memberId)
    Rebalance.completeIfAllJoined(draft)
    return draft.decision()
  }
  const member = group.members.get(memberId)
  if (member === undefined) return nothing
  if (!member.isNew && (member.awaitingJoin !== null || member.awaitingSync !== null)) return nothing
  draft.remove(memberId)
  Rebalance.membersRemoved(draft)
  return draft.decision()
}
