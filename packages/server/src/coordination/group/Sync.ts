/**
 * SyncGroup: members ask for their assignment, and the leader brings everybody's.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { SyncGroupRequest, SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import { answer, complete, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupDecision, GroupDraft } from "./GroupDraft.ts"
import { syncRefused } from "./GroupDraft.ts"
import * as Rebalance from "./Rebalance.ts"

/**
 * Decides a sync in `draft`'s group.
 *
 * @since 0.1.0
 */
export const sync = (
  draft: GroupDraft,
  request: SyncGroupRequest,
  ticket: Ticket<SyncGroupResponse>
): GroupDecision => {
  const { group } = draft
  const { memberId } = request
  const refusal = validate(group, request)
  if (refusal !== ErrorCode.NONE) return answer(ticket, syncRefused(refusal))
  const member = group.members.get(memberId)!
  Rebalance.synced(draft, memberId)
  if (group.state === "Stable") {
    draft.renewSession(memberId, member.sessionTimeoutMs)
    draft.completions.push(complete(ticket, Rebalance.syncAnswer(draft, member)))
    return draft.decision()
  }
  draft.answerSync(memberId, syncRefused(ErrorCode.REBALANCE_IN_PROGRESS))
  draft.put({ ...group.members.get(memberId)!, awaitingSync: ticket })
  if (group.leaderId === memberId) {
    // A copy, because assignments outlive the request's frame.
    Rebalance.assign(draft, new Map(request.assignments.map((one) => [one.memberId, one.assignment.slice()])))
  }
  return draft.decision()
}

const differs = (asked: string | null, actual: string | null): boolean => asked !== null && asked !== actual

const validate = (group: ClassicGroup, request: SyncGroupRequest): number => {
  const invalid = Classic.validateMember(group, request.memberId, request.groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  if (differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName)) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  }
  switch (group.state) {
    case "PreparingRebalance":
      return ErrorCode.REBALANCE_IN_PROGRESS
    case "CompletingRebalance":
    case "Stable":
      return ErrorCode.NONE
    default:
      return ErrorCode.UNKNOWN_MEMBER_ID
  }
}
