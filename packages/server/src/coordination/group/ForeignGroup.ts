/**
 * A group of a kind that is kept, but not served here: what Kafka left of a consumer, share or streams group.
 *
 * Keeps true: its records stay until it ends, and end in the order in which Kafka reads tombstones without complaint: what
 * refers to a member before the member, the group last. Its members, who cannot reach us, live as long as a session.
 * Leaves to others: when a group ends or becomes a classic one (`GroupCoordinator`, `GroupAdmin`).
 *
 * @since 0.1.0
 */
import type { UndoMap } from "../shard/UndoLog.ts"
import type { GroupDecision } from "./GroupDraft.ts"
import { type ForeignGroupType, type GroupEvent, keyType } from "./GroupEvent.ts"

/**
 * Its kind, and the keys of its records by their text.
 *
 * @since 0.1.0
 */
export interface ForeignGroup {
  readonly groupType: ForeignGroupType
  readonly keys: UndoMap<string, Uint8Array>
}

/** The types of the keys that say that there is a member. */
const memberKeys: ReadonlySet<number> = new Set([5, 10, 19])
/** The types of the keys of all that a member has. */
const membershipKeys: ReadonlySet<number> = new Set([5, 7, 8, 10, 13, 14, 19, 21, 22])
/** The type of the key of a share group, the only kind whose group is not of the lowest type. */
const shareGroupKey = 11

/**
 * Whether it has members, as far as the log knows.
 *
 * @since 0.1.0
 */
export const isLive = (group: ForeignGroup | undefined): boolean => {
  for (const key of group?.keys.values() ?? []) if (memberKeys.has(keyType(key))) return true
  return false
}

/** What ends later comes later. */
const rank = (key: Uint8Array): number => {
  const type = keyType(key)
  return type === shareGroupKey ? 0 : type
}

const tombstones = (
  groupId: string,
  group: ForeignGroup,
  isGone: (type: number) => boolean
): ReadonlyArray<GroupEvent> =>
  [...group.keys.values()]
    .filter((key) => isGone(keyType(key)))
    .sort((one, other) => rank(other) - rank(one))
    .map((key) => ({ type: "ForeignStored", groupId, groupType: group.groupType, key, present: false }))

/**
 * Takes out all its records.
 *
 * @since 0.1.0
 */
export const removed = (groupId: string, group: ForeignGroup | undefined): ReadonlyArray<GroupEvent> =>
  group === undefined ? [] : tombstones(groupId, group, () => true)

/**
 * Takes out its members, whose sessions are over.
 *
 * @since 0.1.0
 */
export const membersRemoved = (groupId: string, group: ForeignGroup): ReadonlyArray<GroupEvent> =>
  tombstones(groupId, group, (type) => membershipKeys.has(type))

/**
 * Sets the end of the sessions of its members.
 *
 * @since 0.1.0
 */
export const sessionTimer = (groupId: string, at: number): GroupDecision["timers"][number] => ({
  key: `foreign:${groupId}`,
  set: { at, timer: { type: "ForeignSession", groupId } }
})
