/**
 * What an assignor of the classic group protocol is: the leader of a group runs it to say who gets which partitions.
 *
 * Keeps true: an assignor is a pure function of the members and the topics; no partition gets two owners.
 * Leaves to others: the wire (`ConsumerProtocol`), joining and syncing (`GroupMembership`).
 *
 * @since 0.1.0
 */
import { compareText, type TopicPartition } from "../../cluster/TopicPartition.ts"

/**
 * What a member of a group brings to a rebalance. `generationId` is -1 if it has none.
 *
 * @since 0.1.0
 */
export interface Member {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly rackId: string | null
  readonly topics: ReadonlyArray<string>
  readonly ownedPartitions: ReadonlyArray<TopicPartition>
  readonly generationId: number
  readonly userData: Uint8Array | null
}

/**
 * A topic as the leader sees it: the racks of the replicas of each partition (no rack: an empty list).
 *
 * @since 0.1.0
 */
export interface AssignableTopic {
  readonly name: string
  readonly racks: ReadonlyArray<ReadonlyArray<string>>
}

/**
 * Who gets what: member id to partitions, in the order in which they are told.
 *
 * @since 0.1.0
 */
export type Assignment = Map<string, Array<TopicPartition>>

/**
 * How a rebalance gives up partitions: all before it (eager), or only those that move (cooperative).
 *
 * @since 0.1.0
 */
export type RebalanceProtocol = "eager" | "cooperative"

/**
 * One of Kafka's assignors.
 *
 * @since 0.1.0
 */
export interface Assignor {
  /** The name that members agree on. */
  readonly name: string
  /** What it can do, the best first. */
  readonly protocols: ReadonlyArray<RebalanceProtocol>
  /** What a member tells the next leader about itself, from what it was given last (null: nothing yet). */
  readonly userData: (last: LastAssignment | null) => Uint8Array | null
  readonly assign: (topics: ReadonlyArray<AssignableTopic>, members: ReadonlyArray<Member>) => Assignment
}

/**
 * What a member was given last.
 *
 * @since 0.1.0
 */
export interface LastAssignment {
  readonly partitions: ReadonlyArray<TopicPartition>
  readonly generationId: number
}

/**
 * The topics that somebody wants and that exist.
 *
 * @since 0.1.0
 */
export const wantedTopics = (
  topics: ReadonlyArray<AssignableTopic>,
  members: ReadonlyArray<Member>
): ReadonlyArray<AssignableTopic> => {
  const wanted = new Set<string>()
  for (const member of members) for (const topic of member.topics) wanted.add(topic)
  return topics.filter((topic) => topic.racks.length > 0 && wanted.has(topic.name))
}

/**
 * Static members by instance id before dynamic ones by member id.
 *
 * @since 0.1.0
 */
export const compareMembers = (left: Member, right: Member): number => {
  if (left.groupInstanceId !== null && right.groupInstanceId !== null) {
    return compareText(left.groupInstanceId, right.groupInstanceId)
  }
  if (left.groupInstanceId !== null) return -1
  if (right.groupInstanceId !== null) return 1
  return compareText(left.memberId, right.memberId)
}

/**
 * Whether racks can make a difference: some member is where some replica is, and not all partitions are everywhere.
 *
 * @since 0.1.0
 */
export const racksMatter = (
  memberRacks: ReadonlySet<string>,
  partitionRacks: ReadonlyArray<ReadonlyArray<string>>
): boolean => {
  const all = new Set<string>()
  for (const racks of partitionRacks) for (const rack of racks) all.add(rack)
  if (![...memberRacks].some((rack) => all.has(rack))) return false
  return partitionRacks.some((racks) => new Set(racks).size !== all.size)
}

/**
 * The rack of a member; an empty text is none.
 *
 * @since 0.1.0
 */
export const rackOf = (member: Member): string | null => member.rackId === "" ? null : member.rackId
