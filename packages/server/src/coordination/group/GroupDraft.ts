/**
 * A change to a classic group in the making: a private copy, and what has to happen when the change is decided.
 *
 * Keeps true: the group that it was made from stays as it is; whoever is removed while waiting is answered.
 * Leaves to others: the rules (`Rebalance`, and one module per API).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import type { SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import type { Completion, Decision, TimerCommand } from "../shard/ShardDecision.ts"
import { complete } from "../shard/ShardDecision.ts"
import type { ClassicGroup, ClassicGroupState, ClassicMember } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import type { GroupEvent } from "./GroupEvent.ts"

/**
 * - `Session`: a member has not been heard of for its session timeout.
 * - `InitialJoin`: the delay of the first rebalance is over; `remainingMs` may still be spent on waiting.
 * - `Join`: members have had the time that they asked for to join again.
 * - `Sync`: so have those of a generation to ask for their assignment.
 * - `ForeignSession`: so have the members that another broker left in a group of another kind, who cannot reach us.
 * - `ExpireOffsets`: it is time to look for offsets that nobody wants any more.
 *
 * @since 0.1.0
 */
export type GroupTimer =
  | { readonly type: "Session"; readonly groupId: string; readonly memberId: string }
  | { readonly type: "InitialJoin"; readonly groupId: string; readonly delayMs: number; readonly remainingMs: number }
  | { readonly type: "Join"; readonly groupId: string }
  | { readonly type: "Sync"; readonly groupId: string; readonly generationId: number }
  | { readonly type: "ExpireOffsets" }
  | { readonly type: "ForeignSession"; readonly groupId: string }

/**
 * What the modules of this folder decide.
 *
 * @since 0.1.0
 */
export type GroupDecision = Decision<GroupEvent, GroupTimer, never>

type Draft<A> = { -readonly [K in keyof A]: A[K] }

/**
 * The answer to a join that is refused.
 *
 * @since 0.1.0
 */
export const joinRefused = (memberId: string, errorCode: number): JoinGroupResponse => ({
  throttleTimeMs: 0,
  errorCode,
  generationId: -1,
  protocolType: null,
  protocolName: null,
  leader: "",
  skipAssignment: false,
  memberId,
  members: []
})

/**
 * The answer to a sync that is refused.
 *
 * @since 0.1.0
 */
export const syncRefused = (errorCode: number): SyncGroupResponse => ({
  throttleTimeMs: 0,
  errorCode,
  protocolType: null,
  protocolName: null,
  assignment: Classic.noBytes
})

/**
 * The timer of a member's session.
 *
 * @since 0.1.0
 */
export const sessionTimer = (
  groupId: string,
  memberId: string,
  at: number
): TimerCommand<GroupTimer> => ({
  key: sessionKey(groupId, memberId),
  set: { at, timer: { type: "Session", groupId, memberId } }
})

// Ids may hold any character, so the length tells where the group's ends.
const sessionKey = (groupId: string, memberId: string): string => `session/${groupId.length}/${groupId}/${memberId}`

/**
 * A group that is being changed.
 *
 * @since 0.1.0
 */
export class GroupDraft {
  /** The group as it stands so far. */
  readonly group: ClassicGroup
  readonly now: number
  readonly config: GroupConfig
  readonly events: Array<GroupEvent> = []
  readonly completions: Array<Completion> = []
  readonly timers: Array<TimerCommand<GroupTimer>> = []
  private readonly draft: Draft<ClassicGroup>
  private readonly members: Map<string, ClassicMember>
  private readonly staticMembers: Map<string, string>
  private readonly pendingJoin: Set<string>
  private readonly pendingSync: Set<string>

  constructor(group: ClassicGroup, now: number, config: GroupConfig) {
    this.members = new Map(group.members)
    this.staticMembers = new Map(group.staticMembers)
    this.pendingJoin = new Set(group.pendingJoin)
    this.pendingSync = new Set(group.pendingSync)
    this.draft = {
      ...group,
      members: this.members,
      staticMembers: this.staticMembers,
      pendingJoin: this.pendingJoin,
      pendingSync: this.pendingSync
    }
    this.group = this.draft
    this.now = now
    this.config = config
  }

  /** All that was done so far, as a decision. The draft must not be used afterwards. */
  decision(): GroupDecision {
    const changed: GroupEvent = { type: "GroupChanged", groupId: this.group.groupId, group: this.group }
    return { events: [...this.events, changed], completions: this.completions, timers: this.timers, actions: [] }
  }

  /** Has the group written as it stands. */
  store(): void {
    this.events.push({ type: "GroupStored", groupId: this.group.groupId, value: Classic.toValue(this.group) })
  }

  transitionTo(state: ClassicGroupState): void {
    this.draft.previousState = this.draft.state
    this.draft.state = state
    this.draft.stateTimestampMs = this.now
  }

  set(
    changes: Partial<
      Pick<ClassicGroup, "generationId" | "protocolName" | "leaderId" | "newMemberAdded" | "subscribedTopics">
    >
  ): void {
    Object.assign(this.draft, changes)
  }

  /** Puts a member in, or replaces it. The first one makes the group's protocol type, and is its leader. */
  put(member: ClassicMember, protocolType?: string): void {
    if (this.members.size === 0 && protocolType !== undefined) this.draft.protocolType = protocolType
    this.draft.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
    this.pendingJoin.delete(member.memberId)
  }

  /** Takes a member out; if it waits, it is told `errorCode`. Another member becomes leader if it was the leader. */
  remove(memberId: string, errorCode: number = ErrorCode.UNKNOWN_MEMBER_ID): void {
    const member = this.members.get(memberId)
    this.pendingJoin.delete(memberId)
    this.pendingSync.delete(memberId)
    this.cancelSession(memberId)
    if (member === undefined) return
    const told = errorCode === ErrorCode.FENCED_INSTANCE_ID ? memberId : ""
    this.answerJoin(member, joinRefused(told, errorCode))
    this.answerSync(memberId, syncRefused(errorCode))
    this.members.delete(memberId)
    const { groupInstanceId } = member
    if (groupInstanceId !== null && this.staticMembers.get(groupInstanceId) === memberId) {
      this.staticMembers.delete(groupInstanceId)
    }
    if (this.draft.leaderId === memberId) this.draft.leaderId = this.members.keys().next().value ?? null
  }

  addPendingJoin(memberId: string): void {
    this.pendingJoin.add(memberId)
  }

  addPendingSync(memberId: string): void {
    this.pendingSync.add(memberId)
  }

  removePendingSync(memberId: string): void {
    this.pendingSync.delete(memberId)
  }

  clearPendingSync(): void {
    this.pendingSync.clear()
  }

  /** Answers a member that waits for its join, and goes on without waiting. */
  answerJoin(member: ClassicMember, response: JoinGroupResponse): void {
    if (member.awaitingJoin === null) return
    this.completions.push(complete(member.awaitingJoin, response))
    this.members.set(member.memberId, { ...member, awaitingJoin: null })
  }

  /** Answers a member that waits for its assignment; whether it waited. */
  answerSync(memberId: string, response: SyncGroupResponse): boolean {
    const member = this.members.get(memberId)
    if (member === undefined || member.awaitingSync === null) return false
    this.completions.push(complete(member.awaitingSync, response))
    this.members.set(memberId, { ...member, awaitingSync: null })
    return true
  }

  /** Waits for the next sign of life of a member, for its session timeout unless told otherwise. */
  renewSession(memberId: string, timeoutMs: number): void {
    this.timers.push(sessionTimer(this.group.groupId, memberId, this.now + timeoutMs))
  }

  cancelSession(memberId: string): void {
    this.timers.push({ key: sessionKey(this.group.groupId, memberId), set: null })
  }

  /** The one timer that a rebalance has for joins, null to stop it. */
  setJoinTimer(afterMs: number, timer: GroupTimer): void {
    this.timers.push({ key: `join/${this.group.groupId}`, set: { at: this.now + afterMs, timer } })
  }

  cancelJoinTimer(): void {
    this.timers.push({ key: `join/${this.group.groupId}`, set: null })
  }

  setSyncTimer(afterMs: number): void {
    const { generationId, groupId } = this.group
    const timer: GroupTimer = { type: "Sync", groupId, generationId }
    this.timers.push({ key: `sync/${groupId}`, set: { at: this.now + afterMs, timer } })
  }

  cancelSyncTimer(): void {
    this.timers.push({ key: `sync/${this.group.groupId}`, set: null })
  }
}
