/**
 * The rebalance of a classic group: from a change of members to a new generation that has its assignment.
 *
 * Keeps true: a generation begins only when all members have joined or have been removed; generations only grow; whoever
 * waits is answered when the rebalance goes on, begins anew, or ends.
 * Leaves to others: what makes a rebalance necessary (`Join`, `Leave`, `Heartbeat`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import type { ClassicMember } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupDraft } from "./GroupDraft.ts"
import { syncRefused } from "./GroupDraft.ts"

/**
 * Begins a rebalance if none is running; otherwise completes the running one if nobody is missing any more.
 *
 * @since 0.1.0
 */
export const prepareOrComplete = (draft: GroupDraft): void => {
  const { state } = draft.group
  if (state === "Stable" || state === "CompletingRebalance" || state === "Empty") prepare(draft)
  else completeIfAllJoined(draft)
}

/**
 * Begins a rebalance. An empty group waits a while for more members; any other waits for the members that it has.
 *
 * @since 0.1.0
 */
export const prepare = (draft: GroupDraft): void => {
  const { config, group } = draft
  if (group.state === "CompletingRebalance") refuseSyncs(draft, ErrorCode.REBALANCE_IN_PROGRESS)
  draft.clearPendingSync()
  draft.cancelSyncTimer()
  const first = group.state === "Empty"
  draft.transitionTo("PreparingRebalance")
  if (first) {
    const delayMs = config.initialRebalanceDelayMs
    const remainingMs = Math.max(Classic.rebalanceTimeoutMs(group) - delayMs, 0)
    draft.setJoinTimer(delayMs, { type: "InitialJoin", groupId: group.groupId, delayMs, remainingMs })
  } else if (Classic.hasAllMembersJoined(group)) completeJoin(draft)
  else draft.setJoinTimer(Classic.rebalanceTimeoutMs(group), { type: "Join", groupId: group.groupId })
}

/**
 * Completes the joining if nobody is missing any more, unless the initial delay is still running.
 *
 * @since 0.1.0
 */
export const completeIfAllJoined = (draft: GroupDraft): void => {
  const { group } = draft
  if (group.state !== "PreparingRebalance" || group.previousState === "Empty") return
  if (Classic.hasAllMembersJoined(group)) completeJoin(draft)
}

/**
 * The initial delay is over: it is extended as long as members keep coming and their rebalance timeout allows.
 *
 * @since 0.1.0
 */
export const initialDelayOver = (draft: GroupDraft, delayMs: number, remainingMs: number): void => {
  const { config, group } = draft
  if (group.state !== "PreparingRebalance") return
  if (!group.newMemberAdded || remainingMs === 0) return completeJoin(draft)
  draft.set({ newMemberAdded: false })
  const nextMs = Math.min(config.initialRebalanceDelayMs, remainingMs)
  draft.setJoinTimer(nextMs, {
    type: "InitialJoin",
    groupId: group.groupId,
    delayMs: nextMs,
    remainingMs: Math.max(remainingMs - delayMs, 0)
  })
}

/**
 * Ends the joining: who has not come back is removed (static members stay), the others get a new generation.
 *
 * @since 0.1.0
 */
export const completeJoin = (draft: GroupDraft): void => {
  const { group } = draft
  if (group.state !== "PreparingRebalance") return
  draft.cancelJoinTimer()
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin === null && member.groupInstanceId === null) draft.remove(member.memberId)
  }
  if (group.members.size > 0 && !electLeader(draft)) {
    // Only static members are left and none has come back: their sessions decide.
    draft.setJoinTimer(Classic.rebalanceTimeoutMs(group), { type: "Join", groupId: group.groupId })
    return
  }
  nextGeneration(draft)
}

/** The leader stays if it has joined; otherwise the first member that has. */
const electLeader = (draft: GroupDraft): boolean => {
  const { group } = draft
  if (group.leaderId !== null && group.members.get(group.leaderId)?.awaitingJoin) return true
  for (const member of group.members.values()) {
    if (member.awaitingJoin !== null) {
      draft.set({ leaderId: member.memberId })
      return true
    }
  }
  return false
}

const nextGeneration = (draft: GroupDraft): void => {
  const { group } = draft
  const alive = group.members.size > 0
  draft.set({
    generationId: group.generationId + 1,
    protocolName: alive ? Classic.selectProtocol(group) : null,
    newMemberAdded: false
  })
  draft.set({ subscribedTopics: Classic.subscribedTopicsOf(group) })
  draft.clearPendingSync()
  draft.transitionTo(alive ? "CompletingRebalance" : "Empty")
  if (!alive) return draft.store()
  const members = Classic.joinedMembers(group)
  for (const member of [...group.members.values()]) {
    draft.put({ ...member, isNew: false })
    draft.answerJoin(group.members.get(member.memberId)!, {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      generationId: group.generationId,
      protocolType: group.protocolType,
      protocolName: group.protocolName,
      leader: group.leaderId ?? "",
      skipAssignment: false,
      memberId: member.memberId,
      members: group.leaderId === member.memberId ? members : []
    })
    draft.renewSession(member.memberId, member.sessionTimeoutMs)
    draft.addPendingSync(member.memberId)
  }
  draft.setSyncTimer(Classic.rebalanceTimeoutMs(group))
}

/** Tells all that wait for an assignment that there is none; what they had is void. */
const refuseSyncs = (draft: GroupDraft, errorCode: number): void => {
  for (const member of [...draft.group.members.values()]) {
    draft.put({ ...member, assignment: Classic.noBytes })
    if (draft.answerSync(member.memberId, syncRefused(errorCode))) {
      draft.renewSession(member.memberId, member.sessionTimeoutMs)
    }
  }
}

/**
 * The answer to a member's sync in a stable group.
 *
 * @since 0.1.0
 */
export const syncAnswer = (draft: GroupDraft, member: ClassicMember): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode: ErrorCode.NONE,
  protocolType: draft.group.protocolType,
  protocolName: draft.group.protocolName,
  assignment: member.assignment
})

/**
 * The leader's assignment is here: the group is stable and stored, and all that wait get their share.
 *
 * @since 0.1.0
 */
export const assign = (draft: GroupDraft, assignments: ReadonlyMap<string, Uint8Array>): void => {
  for (const member of [...draft.group.members.values()]) {
    const assigned = { ...member, assignment: assignments.get(member.memberId) ?? Classic.noBytes }
    draft.put(assigned)
    if (draft.answerSync(member.memberId, syncAnswer(draft, assigned))) {
      draft.renewSession(member.memberId, member.sessionTimeoutMs)
    }
  }
  // Kafka stores the time of the transition before this one.
  draft.store()
  draft.transitionTo("Stable")
}

/**
 * A member has asked for its assignment; the last one stops the clock.
 *
 * @since 0.1.0
 */
export const synced = (draft: GroupDraft, memberId: string): void => {
  draft.removePendingSync(memberId)
  if (draft.group.pendingSync.size === 0) draft.cancelSyncTimer()
}

/**
 * Members of a generation have not asked for their assignment in time: they are removed, and the others rebalance.
 *
 * @since 0.1.0
 */
export const syncTimedOut = (draft: GroupDraft, generationId: number): void => {
  const { group } = draft
  if (group.generationId !== generationId || group.pendingSync.size === 0) return
  if (group.state !== "CompletingRebalance" && group.state !== "Stable") return
  for (const memberId of [...group.pendingSync]) draft.remove(memberId)
  prepare(draft)
}

/**
 * Members have been removed: the others rebalance, or a running rebalance goes on without them.
 *
 * @since 0.1.0
 */
export const membersRemoved = (draft: GroupDraft): void => {
  if (draft.group.state === "Stable" || draft.group.state === "CompletingRebalance") prepare(draft)
  else completeIfAllJoined(draft)
}
