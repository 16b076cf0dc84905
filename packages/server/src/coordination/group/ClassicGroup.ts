/**
 * A classic group as its coordinator sees it, and what can be read off it.
 *
 * Keeps true: values are immutable; a change is a new group (`GroupDraft`). In every state but Empty and Dead, the leader
 * is a member; pending members (who were told their id and have not come back) are not members.
 * Leaves to others: when a group changes (`Rebalance`, and one module per API).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Message from "@millrace/core/protocol/Message"
import { ConsumerProtocolSubscription } from "@millrace/core/protocol/messages/data/ConsumerProtocolSubscription"
import type { JoinGroupResponse } from "@millrace/core/protocol/messages/JoinGroup"
import type { GroupMetadataValue } from "@millrace/core/protocol/messages/records/GroupMetadata"
import type { SyncGroupResponse } from "@millrace/core/protocol/messages/SyncGroup"
import type { Ticket } from "../shard/ShardDecision.ts"

/**
 * Kafka's names of the states.
 *
 * @since 0.1.0
 */
export type ClassicGroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead"

/**
 * A protocol that a member supports, with the member's metadata for it.
 *
 * @since 0.1.0
 */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/**
 * A member. `isNew`: it has not had the answer to its first join yet, so no heartbeat can be expected.
 *
 * @since 0.1.0
 */
export interface ClassicMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly protocols: ReadonlyArray<MemberProtocol>
  readonly assignment: Uint8Array
  readonly isNew: boolean
  readonly awaitingJoin: Ticket<JoinGroupResponse> | null
  readonly awaitingSync: Ticket<SyncGroupResponse> | null
}

/**
 * A group. `protocolType` null: it has never had members (offsets were committed from outside).
 *
 * @since 0.1.0
 */
export interface ClassicGroup {
  readonly groupId: string
  readonly state: ClassicGroupState
  readonly previousState: ClassicGroupState
  /** Milliseconds since the epoch, -1 if unknown. */
  readonly stateTimestampMs: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string | null
  readonly members: ReadonlyMap<string, ClassicMember>
  /** Members by their instance ids. */
  readonly staticMembers: ReadonlyMap<string, string>
  readonly pendingJoin: ReadonlySet<string>
  readonly pendingSync: ReadonlySet<string>
  /** Somebody joined during the initial delay, which therefore goes on. */
  readonly newMemberAdded: boolean
  /** Null where it cannot be known: no consumers, or metadata that is not theirs. */
  readonly subscribedTopics: ReadonlySet<string> | null
}

/**
 * Bytes of length 0.
 *
 * @since 0.1.0
 */
export const noBytes = new Uint8Array(0)

/**
 * A group without members.
 *
 * @since 0.1.0
 */
export const empty = (groupId: string, now: number): ClassicGroup => ({
  groupId,
  state: "Empty",
  previousState: "Empty",
  stateTimestampMs: now,
  generationId: 0,
  protocolType: null,
  protocolName: null,
  leaderId: null,
  members: new Map(),
  staticMembers: new Map(),
  pendingJoin: new Set(),
  pendingSync: new Set(),
  newMemberAdded: false,
  subscribedTopics: null
})

/**
 * The metadata that a member gave for a protocol.
 *
 * @since 0.1.0
 */
export const metadataOf = (member: ClassicMember, protocolName: string | null): Uint8Array =>
  member.protocols.find((protocol) => protocol.name === protocolName)?.metadata ?? noBytes

/**
 * Whether a member's protocols are these, with the same metadata, in the same order.
 *
 * @since 0.1.0
 */
export const matches = (member: ClassicMember, protocols: ReadonlyArray<MemberProtocol>): boolean =>
  member.protocols.length === protocols.length &&
  member.protocols.every((protocol, index) =>
    protocol.name === protocols[index]!.name && equalBytes(protocol.metadata, protocols[index]!.metadata)
  )

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/**
 * The longest of the members' rebalance timeouts.
 *
 * @since 0.1.0
 */
export const rebalanceTimeoutMs = (group: ClassicGroup): number => {
  let longest = 0
  for (const member of group.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs)
  return longest
}

/**
 * How many members wait for the answer to their join.
 *
 * @since 0.1.0
 */
export const awaitingJoinCount = (group: ClassicGroup): number => {
  let count = 0
  for (const member of group.members.values()) if (member.awaitingJoin !== null) count++
  return count
}

/**
 * Whether all members have joined again, and nobody is expected who was only told an id.
 *
 * @since 0.1.0
 */
export const hasAllMembersJoined = (group: ClassicGroup): boolean =>
  group.pendingJoin.size === 0 && awaitingJoinCount(group) === group.members.size

const supportCounts = (group: ClassicGroup): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const member of group.members.values()) {
    for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return counts
}

/**
 * Whether a member with these protocols could join: an empty group takes any, others what all their members support.
 *
 * @since 0.1.0
 */
export const supportsProtocols = (
  group: ClassicGroup,
  protocolType: string,
  protocols: ReadonlyArray<MemberProtocol>
): boolean => {
  if (group.state === "Empty") return protocolType !== "" && protocols.length > 0
  if (group.protocolType !== protocolType) return false
  const counts = supportCounts(group)
  return protocols.some((protocol) => counts.get(protocol.name) === group.members.size)
}

/**
 * The protocol that most members prefer among those that all support; the earlier one wins a tie.
 *
 * @since 0.1.0
 */
export const selectProtocol = (group: ClassicGroup): string | null => {
  const counts = supportCounts(group)
  const votes = new Map<string, number>()
  for (const member of group.members.values()) {
    const choice = member.protocols.find((protocol) => counts.get(protocol.name) === group.members.size)
    if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
  }
  let selected: string | null = null
  for (const [name, count] of votes) if (selected === null || count > votes.get(selected)!) selected = name
  return selected
}

/** The protocol type of consumers. */
const consumerProtocolType = "consumer"

/**
 * Whether the members are consumers, whose metadata tells their topics.
 *
 * @since 0.1.0
 */
export const usesConsumerProtocol = (group: ClassicGroup): boolean => group.protocolType === consumerProtocolType

/**
 * The topics that the members read.
 *
 * @since 0.1.0
 */
export const subscribedTopicsOf = (group: ClassicGroup): ReadonlySet<string> | null => {
  if (!usesConsumerProtocol(group)) return null
  const topics = new Set<string>()
  for (const member of group.members.values()) {
    const subscription = Message.attempt(() =>
      Message.decodePrefixed(ConsumerProtocolSubscription, metadataOf(member, group.protocolName))
    )
    if (subscription._tag === "Failure") return null
    for (const topic of subscription.success.topics) topics.add(topic)
  }
  return topics
}

/**
 * Why a request in the name of a member is refused; 0 if it is not.
 *
 * @since 0.1.0
 */
export const validateMember = (group: ClassicGroup, memberId: string, groupInstanceId: string | null): number => {
  if (groupInstanceId !== null) {
    const existing = group.staticMembers.get(groupInstanceId)
    if (existing === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (existing !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}

/**
 * The members as the leader is told them.
 *
 * @since 0.1.0
 */
export const joinedMembers = (group: ClassicGroup): JoinGroupResponse["members"] =>
  [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: metadataOf(member, group.protocolName)
  }))

/**
 * The group as it is stored.
 *
 * @since 0.1.0
 */
export const toValue = (group: ClassicGroup): GroupMetadataValue => ({
  protocolType: group.protocolType ?? "",
  generation: group.generationId,
  protocol: group.protocolName,
  leader: group.leaderId,
  currentStateTimestamp: group.stateTimestampMs,
  members: [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: metadataOf(member, group.protocolName),
    assignment: member.assignment
  }))
})

/**
 * The group of a stored value: Stable if it has members, since only such groups are stored with members.
 *
 * @since 0.1.0
 */
export const ofValue = (groupId: string, value: GroupMetadataValue): ClassicGroup => {
  const members = new Map<string, ClassicMember>()
  const staticMembers = new Map<string, string>()
  for (const stored of value.members) {
    members.set(stored.memberId, {
      memberId: stored.memberId,
      groupInstanceId: stored.groupInstanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      rebalanceTimeoutMs: stored.rebalanceTimeout < 0 ? stored.sessionTimeout : stored.rebalanceTimeout,
      sessionTimeoutMs: stored.sessionTimeout,
      protocols: [{ name: value.protocol ?? "", metadata: stored.subscription }],
      assignment: stored.assignment,
      isNew: false,
      awaitingJoin: null,
      awaitingSync: null
    })
    if (stored.groupInstanceId !== null) staticMembers.set(stored.groupInstanceId, stored.memberId)
  }
  const state = members.size === 0 ? "Empty" : "Stable"
  const group: ClassicGroup = {
    ...empty(groupId, value.currentStateTimestamp),
    state,
    previousState: state,
    generationId: value.generation,
    protocolType: value.protocolType === "" ? null : value.protocolType,
    protocolName: value.protocol,
    leaderId: value.leader,
    members,
    staticMembers
  }
  return { ...group, subscribedTopics: subscribedTopicsOf(group) }
}
