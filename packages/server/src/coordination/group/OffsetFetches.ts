/**
 * OffsetFetch: how far a group has come.
 *
 * Keeps true: an offset that was never committed is -1 without an error; with `requireStable` an offset that a transaction
 * may still change is refused as UNSTABLE_OFFSET_COMMIT.
 * Leaves to others: versions of the request (`GroupCoordinator`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { noTopicId } from "./GroupEvent.ts"
import type { CommittedOffset } from "./GroupEvent.ts"
import type { GroupState } from "./GroupState.ts"
import * as State from "./GroupState.ts"

/**
 * A topic whose offsets are asked for; an id other than zero must be that of the commits.
 *
 * @since 0.1.0
 */
export interface TopicToFetch {
  readonly topic: string
  readonly topicId: string
  readonly partitions: ReadonlyArray<number>
}

/**
 * A partition as OffsetFetch answers it.
 *
 * @since 0.1.0
 */
export interface FetchedPartition {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

/**
 * A topic as OffsetFetch answers it.
 *
 * @since 0.1.0
 */
export interface FetchedTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: ReadonlyArray<FetchedPartition>
}

/**
 * A partition without an offset.
 *
 * @since 0.1.0
 */
export const noOffset = (partitionIndex: number, errorCode: number): FetchedPartition => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: "",
  errorCode
})

const fetched = (
  state: GroupState,
  groupId: string,
  topic: string,
  topicId: string,
  partition: number,
  requireStable: boolean
): FetchedPartition => {
  const key = State.offsetKey(topic, partition)
  if (requireStable && State.hasPending(state, groupId, key)) {
    return noOffset(partition, ErrorCode.UNSTABLE_OFFSET_COMMIT)
  }
  const committed = State.committedOffset(state, groupId, key)
  if (committed === undefined || isOfAnotherTopic(committed, topicId)) return noOffset(partition, ErrorCode.NONE)
  return {
    partitionIndex: partition,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: ErrorCode.NONE
  }
}

/** Whether the topic was deleted and made again since. */
const isOfAnotherTopic = (committed: CommittedOffset, topicId: string): boolean =>
  topicId !== noTopicId && committed.topicId !== noTopicId && committed.topicId !== topicId

/**
 * The offsets of some topics.
 *
 * @since 0.1.0
 */
export const fetch = (
  state: GroupState,
  groupId: string,
  topics: ReadonlyArray<TopicToFetch>,
  requireStable: boolean
): ReadonlyArray<FetchedTopic> =>
  topics.map(({ partitions, topic, topicId }) => ({
    topic,
    topicId,
    partitions: partitions.map((partition) => fetched(state, groupId, topic, topicId, partition, requireStable))
  }))

/**
 * All offsets of a group, by topic.
 *
 * @since 0.1.0
 */
export const fetchAll = (
  state: GroupState,
  groupId: string,
  requireStable: boolean
): ReadonlyArray<FetchedTopic> => {
  const topics = new Map<string, Array<FetchedPartition>>()
  for (const { offset } of state.offsets.get(groupId)?.values() ?? []) {
    const partition = fetched(state, groupId, offset.topic, noTopicId, offset.partition, requireStable)
    const partitions = topics.get(offset.topic)
    if (partitions === undefined) topics.set(offset.topic, [partition])
    else partitions.push(partition)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, topicId: noTopicId, partitions }))
}
