/**
 * What happens to groups: events that are records of `__consumer_offsets`, and events that only this coordinator knows.
 *
 * Keeps true: records are Kafka's, so that Kafka can go on with our log and we with Kafka's. Types of groups that are not
 * served are recognised, so that nothing of theirs is lost or mistaken.
 * Leaves to others: what events do to the state (`GroupState`).
 *
 * @since 0.1.0
 */
import * as Message from "@millrace/core/protocol/Message"
import { GroupMetadataKey, GroupMetadataValue } from "@millrace/core/protocol/messages/records/GroupMetadata"
import { OffsetCommitKey, OffsetCommitValue } from "@millrace/core/protocol/messages/records/OffsetCommit"
import * as Uuid from "@millrace/core/protocol/Uuid"
import type { ShardRecord } from "../shard/ShardLog.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"

/**
 * A committed offset. `leaderEpoch` -1: none. `expireTimestampMs` -1: by the retention setting. `topicId` zero: unknown.
 *
 * @since 0.1.0
 */
export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  readonly expireTimestampMs: number
  readonly topicId: string
}

/**
 * A kind of group that is kept, but not served by this coordinator.
 *
 * @since 0.1.0
 */
export type ForeignGroupType = "consumer" | "share" | "streams"

/**
 * - `OffsetCommitted`: in a transactional batch it is pending until the transaction ends.
 * - `GroupStored`: the group as it stands in the log; null takes it out.
 * - `ForeignStored`: a record of another kind of group; `present` is false for a tombstone. `key` is the record's own.
 * - `GroupChanged`: the group as its coordinator sees it; never written.
 *
 * @since 0.1.0
 */
export type GroupEvent =
  | { readonly type: "OffsetCommitted"; readonly groupId: string; readonly offset: CommittedOffset }
  | {
    readonly type: "OffsetDeleted"
    readonly groupId: string
    readonly topic: string
    readonly partition: number
  }
  | { readonly type: "GroupStored"; readonly groupId: string; readonly value: GroupMetadataValue | null }
  | {
    readonly type: "ForeignStored"
    readonly groupId: string
    readonly groupType: ForeignGroupType
    readonly key: Uint8Array
    readonly present: boolean
  }
  | { readonly type: "GroupChanged"; readonly groupId: string; readonly group: ClassicGroup | null }

/** The version that Kafka 4.3 writes; with an expiry of its own an offset needs version 1. */
const offsetVersion = 4
const offsetWithExpiryVersion = 1
/** The version that Kafka 4.3 writes. */
const groupVersion = 3

/**
 * The record of an event; null for what is never written.
 *
 * @since 0.1.0
 */
export const encode = (event: GroupEvent): ShardRecord | null => {
  switch (event.type) {
    case "OffsetCommitted":
      return {
        key: offsetKey(event.groupId, event.offset.topic, event.offset.partition),
        value: offsetValue(event.offset)
      }
    case "OffsetDeleted":
      return { key: offsetKey(event.groupId, event.topic, event.partition), value: null }
    case "GroupStored":
      return {
        key: Message.encodePrefixed(GroupMetadataKey, 0, { group: event.groupId }),
        value: event.value === null ? null : Message.encodePrefixed(GroupMetadataValue, groupVersion, event.value)
      }
    case "ForeignStored":
      // Such groups are only ever taken out.
      return { key: event.key, value: null }
    case "GroupChanged":
      return null
  }
}

const offsetKey = (group: string, topic: string, partition: number): Uint8Array =>
  Message.encodePrefixed(OffsetCommitKey, 0, { group, topic, partition })

const offsetValue = (offset: CommittedOffset): Uint8Array =>
  Message.encodePrefixed(OffsetCommitValue, offset.expireTimestampMs < 0 ? offsetVersion : offsetWithExpiryVersion, {
    offset: offset.offset,
    leaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
    commitTimestamp: offset.commitTimestampMs,
    expireTimestamp: offset.expireTimestampMs,
    topicId: offset.topicId
  })

/** The kind of group by the type of a record's key; all of these keys begin with the group's id. */
const foreignTypeOf = (type: number): ForeignGroupType | undefined => {
  if ((type >= 3 && type <= 8) || type === 16) return "consumer"
  if (type >= 10 && type <= 15) return "share"
  return type >= 17 && type <= 23 ? "streams" : undefined
}

/**
 * The type of a key, which is its first two bytes.
 *
 * @since 0.1.0
 */
export const keyType = (key: Uint8Array): number => (key[0]! << 8) | key[1]!

/**
 * The event of a record; null for a record that says nothing to us. Throws `ProtocolError` for one that is damaged.
 *
 * @since 0.1.0
 */
export const decode = ({ key, value }: ShardRecord): GroupEvent | null => {
  if (key === null || key.length < 2) return null
  const type = keyType(key)
  if (type <= OffsetCommitKey.apiKey) return decodeOffset(key, value)
  if (type === GroupMetadataKey.apiKey) return decodeGroup(key, value)
  const groupType = foreignTypeOf(type)
  if (groupType === undefined) return null
  const { group } = Message.decodeUnsafe(GroupMetadataKey, 0, key, 2)
  return { type: "ForeignStored", groupId: group, groupType, key: key.slice(), present: value !== null }
}

/** Keys of type 0, Kafka's oldest, read like those of type 1. */
const decodeOffset = (key: Uint8Array, value: Uint8Array | null): GroupEvent => {
  const { group, partition, topic } = Message.decodeUnsafe(OffsetCommitKey, 0, key, 2)
  if (value === null) return { type: "OffsetDeleted", groupId: group, topic, partition }
  const stored = Message.decodePrefixed(OffsetCommitValue, value)
  return {
    type: "OffsetCommitted",
    groupId: group,
    offset: {
      topic,
      partition,
      offset: stored.offset,
      leaderEpoch: stored.leaderEpoch,
      metadata: stored.metadata,
      commitTimestampMs: stored.commitTimestamp,
      expireTimestampMs: stored.expireTimestamp,
      topicId: stored.topicId
    }
  }
}

const decodeGroup = (key: Uint8Array, value: Uint8Array | null): GroupEvent => {
  const { group } = Message.decodeUnsafe(GroupMetadataKey, 0, key, 2)
  if (value === null) return { type: "GroupStored", groupId: group, value: null }
  // A copy, because members keep parts of it for as long as they live.
  return { type: "GroupStored", groupId: group, value: Message.decodePrefixed(GroupMetadataValue, value.slice()) }
}

/**
 * No topic id.
 *
 * @since 0.1.0
 */
export const noTopicId: string = Uuid.zero
