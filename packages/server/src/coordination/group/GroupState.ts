/**
 * The state of one partition of `__consumer_offsets`, as a fold of its events.
 *
 * Keeps true: `offsets`, `pending`, `stored` and `foreign` depend on the log alone; `groups` is this coordinator's own
 * view, made of `stored` when the log has been read. A pending offset becomes committed with its transaction, unless a
 * later one was committed meanwhile.
 * Leaves to others: which events happen (the modules that decide).
 *
 * @since 0.1.0
 */
import type { GroupMetadataValue } from "@millrace/core/protocol/messages/records/GroupMetadata"
import type { ShardMarker, ShardProducer } from "../shard/ShardLog.ts"
import { type UndoLog, UndoMap } from "../shard/UndoLog.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import type { ForeignGroup } from "./ForeignGroup.ts"
import type { CommittedOffset, GroupEvent } from "./GroupEvent.ts"

/** An offset with its place in the order of the log. */
interface OffsetEntry {
  readonly offset: CommittedOffset
  readonly order: number
}

/**
 * Offsets of one group by topic and partition.
 *
 * @since 0.1.0
 */
export type Offsets = UndoMap<string, OffsetEntry>

/**
 * All groups of a partition. `pending` is by group, then by producer id.
 *
 * @since 0.1.0
 */
export interface GroupState {
  readonly undo: UndoLog
  readonly groups: UndoMap<string, ClassicGroup>
  readonly stored: UndoMap<string, GroupMetadataValue>
  readonly foreign: UndoMap<string, ForeignGroup>
  readonly offsets: UndoMap<string, Offsets>
  readonly pending: UndoMap<string, UndoMap<number, Offsets>>
  /** Events applied so far; only ever compared. */
  order: number
}

/**
 * The state before the first event.
 *
 * @since 0.1.0
 */
export const empty = (undo: UndoLog): GroupState => ({
  undo,
  groups: new UndoMap(undo),
  stored: new UndoMap(undo),
  foreign: new UndoMap(undo),
  offsets: new UndoMap(undo),
  pending: new UndoMap(undo),
  order: 0
})

/**
 * The key of a topic's partition; a topic's name has no colon.
 *
 * @since 0.1.0
 */
export const offsetKey = (topic: string, partition: number): string => `${topic}:${partition}`

/**
 * Applies an event. With a producer, offsets are pending.
 *
 * @since 0.1.0
 */
export const apply = (state: GroupState, event: GroupEvent, producer: ShardProducer | null): void => {
  switch (event.type) {
    case "OffsetCommitted":
      return applyOffset(state, event.groupId, event.offset, producer)
    case "OffsetDeleted":
      return deleteOffset(state, event.groupId, offsetKey(event.topic, event.partition))
    case "GroupStored":
      if (event.value === null) state.stored.delete(event.groupId)
      else state.stored.set(event.groupId, event.value)
      return
    case "ForeignStored":
      return applyForeign(state, event)
    case "GroupChanged":
      if (event.group === null) state.groups.delete(event.groupId)
      else state.groups.set(event.groupId, event.group)
      return
  }
}

const offsetsMap = (state: GroupState) => (): Offsets => new UndoMap(state.undo)

const applyOffset = (
  state: GroupState,
  groupId: string,
  offset: CommittedOffset,
  producer: ShardProducer | null
): void => {
  const offsets = producer === null
    ? state.offsets.getOrMake(groupId, offsetsMap(state))
    : state.pending
      .getOrMake(groupId, () => new UndoMap(state.undo))
      .getOrMake(producer.producerId, offsetsMap(state))
  offsets.set(offsetKey(offset.topic, offset.partition), { offset, order: state.order++ })
}

/** A tombstone takes pending offsets out too: that is how a deleted group forgets them. */
const deleteOffset = (state: GroupState, groupId: string, key: string): void => {
  removeFrom(state.offsets, groupId, key)
  const producers = state.pending.get(groupId)
  if (producers === undefined) return
  for (const producerId of [...producers.keys()]) removeFrom(producers, producerId, key)
  if (producers.size === 0) state.pending.delete(groupId)
}

const removeFrom = <K extends string | number>(maps: UndoMap<K, Offsets>, name: K, key: string): void => {
  const offsets = maps.get(name)
  if (offsets === undefined) return
  offsets.delete(key)
  if (offsets.size === 0) maps.delete(name)
}

const applyForeign = (state: GroupState, event: Extract<GroupEvent, { readonly type: "ForeignStored" }>): void => {
  const { groupId, groupType, key, present } = event
  const found = state.foreign.get(groupId)
  if (found === undefined && !present) return
  const group: ForeignGroup = found?.groupType === groupType
    ? found
    : { groupType, keys: found?.keys ?? new UndoMap(state.undo) }
  if (present) group.keys.set(key.join(), key)
  else group.keys.delete(key.join())
  if (group.keys.size === 0) state.foreign.delete(groupId)
  else if (group !== found) state.foreign.set(groupId, group)
}

/**
 * Ends a producer's transaction: its pending offsets become committed, or vanish.
 *
 * @since 0.1.0
 */
export const applyMarker = (state: GroupState, marker: ShardMarker): void => {
  for (const [groupId, producers] of [...state.pending]) {
    const pending = producers.get(marker.producerId)
    if (pending === undefined) continue
    producers.delete(marker.producerId)
    if (producers.size === 0) state.pending.delete(groupId)
    if (!marker.committed) continue
    const offsets = state.offsets.getOrMake(groupId, offsetsMap(state))
    for (const [key, entry] of pending) {
      const committed = offsets.get(key)
      if (committed === undefined || committed.order < entry.order) offsets.set(key, entry)
    }
  }
}

/**
 * Whether a transaction may still commit an offset here.
 *
 * @since 0.1.0
 */
export const hasPending = (state: GroupState, groupId: string, key: string): boolean => {
  const producers = state.pending.get(groupId)
  if (producers === undefined) return false
  for (const offsets of producers.values()) if (offsets.has(key)) return true
  return false
}

/**
 * The committed offset, or undefined.
 *
 * @since 0.1.0
 */
export const committedOffset = (state: GroupState, groupId: string, key: string): CommittedOffset | undefined =>
  state.offsets.get(groupId)?.get(key)?.offset
