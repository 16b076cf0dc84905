/**
 * How offsets end: OffsetDelete, deleted topics, deleted groups, and retention.
 *
 * Keeps true: an offset of a topic that a living consumer group reads is not removed; a group without offsets and members
 * is removed with its last offset.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { OffsetDeleteRequest, OffsetDeleteResponse } from "@millrace/core/protocol/messages/OffsetDelete"
import * as limits from "../../limits.ts"
import { answer, type Ticket } from "../shard/ShardDecision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import * as Classic from "./ClassicGroup.ts"
import * as Foreign from "./ForeignGroup.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import type { GroupDecision } from "./GroupDraft.ts"
import type { CommittedOffset, GroupEvent } from "./GroupEvent.ts"
import type { GroupState } from "./GroupState.ts"
import * as State from "./GroupState.ts"

const deleted = (groupId: string, { partition, topic }: CommittedOffset): GroupEvent => ({
  type: "OffsetDeleted",
  groupId,
  topic,
  partition
})

const isSubscribed = (group: ClassicGroup | undefined, topic: string): boolean =>
  group?.subscribedTopics?.has(topic) ?? false

/**
 * Decides an OffsetDelete. `exists` tells which partitions there are.
 *
 * @since 0.1.0
 */
export const offsetDelete = (
  state: GroupState,
  request: OffsetDeleteRequest,
  exists: (topic: string, partition: number) => boolean,
  ticket: Ticket<OffsetDeleteResponse>
): GroupDecision => {
  const { groupId } = request
  const group = state.groups.get(groupId)
  const refusal = deleteRefusal(state, group, groupId)
  if (refusal !== ErrorCode.NONE) return answer(ticket, { errorCode: refusal, throttleTimeMs: 0, topics: [] })
  // What the members of another kind of group read is not known, so it may be anything.
  const readsAll = Foreign.isLive(state.foreign.get(groupId))
  const events: Array<GroupEvent> = []
  const deleteOne = (topic: string, partition: number): number => {
    if (!exists(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (readsAll || isSubscribed(group, topic)) return ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
    const offset = State.committedOffset(state, groupId, State.offsetKey(topic, partition))
    if (offset !== undefined) events.push(deleted(groupId, offset))
    return ErrorCode.NONE
  }
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: deleteOne(name, partitionIndex)
    }))
  }))
  return { ...answer(ticket, { errorCode: ErrorCode.NONE, throttleTimeMs: 0, topics }), events }
}

const deleteRefusal = (state: GroupState, group: ClassicGroup | undefined, groupId: string): number => {
  if (group === undefined) return state.foreign.has(groupId) ? ErrorCode.NONE : ErrorCode.GROUP_ID_NOT_FOUND
  // What members other than consumers read cannot be known.
  return group.state === "Empty" || Classic.usesConsumerProtocol(group) ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP
}

/**
 * Forgets the offsets of topics that are gone.
 *
 * @since 0.1.0
 */
export const topicsDeleted = (
  state: GroupState,
  names: ReadonlySet<string>,
  ticket: Ticket<void>
): GroupDecision => {
  const events: Array<GroupEvent> = []
  const visit = (groupId: string, offsets: State.Offsets): void => {
    for (const { offset } of offsets.values()) if (names.has(offset.topic)) events.push(deleted(groupId, offset))
  }
  for (const [groupId, offsets] of state.offsets) visit(groupId, offsets)
  for (const [groupId, producers] of state.pending) {
    for (const offsets of producers.values()) visit(groupId, offsets)
  }
  return { ...answer(ticket, undefined), events, splittable: true }
}

/**
 * All that takes a group out: its offsets (pending ones too), its records, itself.
 *
 * @since 0.1.0
 */
export const groupDeleted = (state: GroupState, groupId: string): ReadonlyArray<GroupEvent> => {
  const keys = new Map<string, CommittedOffset>()
  for (const [key, { offset }] of state.offsets.get(groupId) ?? []) keys.set(key, offset)
  for (const offsets of state.pending.get(groupId)?.values() ?? []) {
    for (const [key, { offset }] of offsets) keys.set(key, offset)
  }
  return [...[...keys.values()].map((offset) => deleted(groupId, offset)), ...groupRemoved(state, groupId)]
}

const groupRemoved = (state: GroupState, groupId: string): ReadonlyArray<GroupEvent> => [
  ...(state.stored.has(groupId) ? [{ type: "GroupStored", groupId, value: null } as const] : []),
  ...Foreign.removed(groupId, state.foreign.get(groupId)),
  { type: "GroupChanged", groupId, group: null }
]

/** From when on an offset's retention counts; undefined if it is kept for now. */
const retainedSince = (group: ClassicGroup | undefined, offset: CommittedOffset): number | undefined => {
  if (group === undefined || group.protocolType === null) return offset.commitTimestampMs
  if (group.state === "Empty") return group.stateTimestampMs < 0 ? offset.commitTimestampMs : group.stateTimestampMs
  return group.state === "Stable" && group.subscribedTopics !== null ? offset.commitTimestampMs : undefined
}

const isExpired = (
  group: ClassicGroup | undefined,
  offset: CommittedOffset,
  now: number,
  config: GroupConfig
): boolean => {
  if (isSubscribed(group, offset.topic)) return false
  const since = retainedSince(group, offset)
  if (since === undefined) return false
  return offset.expireTimestampMs >= 0
    ? now >= offset.expireTimestampMs
    : now - since >= config.offsetsRetentionMs
}

/**
 * Removes the offsets whose retention is over, and the groups that have nothing left; the rest of a long list is left to
 * the next time, which then comes at once. `cautiousNow`: see `ShardMachine.fired`.
 *
 * @since 0.1.0
 */
export const expire = (
  state: GroupState,
  now: number,
  cautiousNow: number,
  config: GroupConfig
): GroupDecision => {
  const events: Array<GroupEvent> = []
  for (const groupId of new Set([...state.groups.keys(), ...state.offsets.keys()])) {
    if (events.length >= limits.groupExpiredOffsetsMax) break
    if (Foreign.isLive(state.foreign.get(groupId))) continue
    const group = state.groups.get(groupId)
    let left = state.pending.has(groupId) ? 1 : 0
    for (const [key, { offset }] of state.offsets.get(groupId) ?? []) {
      if (!State.hasPending(state, groupId, key) && isExpired(group, offset, cautiousNow, config)) {
        events.push(deleted(groupId, offset))
      } else left++
    }
    if (left === 0 && group?.state === "Empty" && group.pendingJoin.size === 0) {
      events.push(...groupRemoved(state, groupId))
    }
  }
  const again = events.length >= limits.groupExpiredOffsetsMax ? 0 : config.offsetsRetentionCheckIntervalMs
  return { events, completions: [], timers: [expireTimer(now + again)], actions: [], splittable: true }
}

/**
 * The timer that looks for expired offsets.
 *
 * @since 0.1.0
 */
export const expireTimer = (at: number): GroupDecision["timers"][number] => ({
  key: "expire-offsets",
  set: { at, timer: { type: "ExpireOffsets" } }
})
