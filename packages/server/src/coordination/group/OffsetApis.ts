/**
 * The offset APIs between the wire and the coordinator: topic ids and names, topics that do not exist, and the different
 * shapes of the versions.
 *
 * Keeps true: responses name what requests named, in the same order.
 * Leaves to others: what is decided (`OffsetCommits`, `OffsetFetches`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { OffsetCommitRequest, OffsetCommitResponse } from "@millrace/core/protocol/messages/OffsetCommit"
import type { OffsetFetchRequest, OffsetFetchResponse } from "@millrace/core/protocol/messages/OffsetFetch"
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import * as Effect from "effect/Effect"
import type { Decide } from "../shard/Shard.ts"
import { answer } from "../shard/ShardDecision.ts"
import type { TopicDirectory } from "../shard/TopicDirectory.ts"
import type { GroupTimer } from "./GroupDraft.ts"
import { type GroupEvent, noTopicId } from "./GroupEvent.ts"
import type { GroupState } from "./GroupState.ts"
import type { CommitInput, OffsetToCommit } from "./OffsetCommits.ts"
import * as OffsetFetches from "./OffsetFetches.ts"

type Topics = TopicDirectory["Service"]

/** The first version of OffsetCommit and OffsetFetch that names topics by their ids. */
const topicIdsSince = 10
/** The first version of OffsetCommit that says that a group does not exist. */
const groupNotFoundSince = 9

/**
 * Commits offsets; the answer is an error code for each.
 *
 * @since 0.1.0
 */
export type Commit = (input: CommitInput) => Effect.Effect<ReadonlyArray<number>>

/** A partition of a commit on its way: refused already, or one of those that the coordinator decides. */
interface Slot {
  readonly partitionIndex: number
  errorCode: number
  readonly offset: OffsetToCommit | null
}

interface RequestPartition {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly committedMetadata: string | null
}

const slotOf = (topics: Topics, topic: string, topicId: string, partition: RequestPartition): Slot => {
  const { partitionIndex } = partition
  if (partitionIndex < 0 || partitionIndex >= topics.partitionCount(topic)) {
    return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, offset: null }
  }
  const offset: OffsetToCommit = {
    topic,
    topicId,
    partition: partitionIndex,
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata
  }
  return { partitionIndex, errorCode: ErrorCode.NONE, offset }
}

/** Commits what is not refused already, and puts the answers into the slots. */
const commitSlots = (
  slots: ReadonlyArray<Slot>,
  input: Omit<CommitInput, "offsets">,
  commit: Commit
): Effect.Effect<void> => {
  const open = slots.filter((slot) => slot.offset !== null)
  if (open.length === 0) return Effect.void
  const offsets = open.map((slot) => slot.offset!)
  return Effect.map(commit({ ...input, offsets }), (codes) => {
    for (const [index, slot] of open.entries()) slot.errorCode = codes[index]!
  })
}

const partitionsOf = (slots: ReadonlyArray<Slot>): ReadonlyArray<{ partitionIndex: number; errorCode: number }> =>
  slots.map(({ errorCode, partitionIndex }) => ({ partitionIndex, errorCode }))

/**
 * OffsetCommit in all its versions.
 *
 * @since 0.1.0
 */
export const offsetCommit = Effect.fnUntraced(function*(
  request: OffsetCommitRequest,
  apiVersion: number,
  topics: Topics,
  commit: Commit
) {
  const byTopic = request.topics.map((topic) => {
    const name = apiVersion < topicIdsSince ? topic.name : topics.nameOf(topic.topicId)
    const slots: ReadonlyArray<Slot> = name === undefined
      ? topic.partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
        offset: null
      }))
      : topic.partitions.map((partition) => slotOf(topics, name, topics.idOf(name) ?? noTopicId, partition))
    return { name: topic.name, topicId: topic.topicId, slots }
  })
  const input: Omit<CommitInput, "offsets"> = {
    groupId: request.groupId,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generationId: request.generationIdOrMemberEpoch,
    retentionMs: request.retentionTimeMs,
    transactional: false,
    unknownGroupCode: apiVersion < groupNotFoundSince ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.GROUP_ID_NOT_FOUND
  }
  yield* commitSlots(byTopic.flatMap((topic) => topic.slots), input, commit)
  const response: OffsetCommitResponse = {
    throttleTimeMs: 0,
    topics: byTopic.map(({ name, slots, topicId }) => ({ name, topicId, partitions: partitionsOf(slots) }))
  }
  return response
})

/**
 * TxnOffsetCommit in all its versions.
 *
 * @since 0.1.0
 */
export const txnOffsetCommit = Effect.fnUntraced(function*(
  request: Omit<TxnOffsetCommitRequest, "producerId" | "producerEpoch">,
  topics: Topics,
  commit: Commit
) {
  const byTopic = request.topics.map(({ name, partitions }) => ({
    name,
    slots: partitions.map((partition) => slotOf(topics, name, noTopicId, partition))
  }))
  const input: Omit<CommitInput, "offsets"> = {
    groupId: request.groupId,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generationId: request.generationId,
    retentionMs: -1,
    transactional: true,
    unknownGroupCode: ErrorCode.ILLEGAL_GENERATION
  }
  const slots = byTopic.flatMap((topic) => topic.slots)
  if (request.groupId === "") {
    for (const slot of slots) if (slot.offset !== null) slot.errorCode = ErrorCode.INVALID_GROUP_ID
  } else yield* commitSlots(slots, input, commit)
  const response: TxnOffsetCommitResponse = {
    throttleTimeMs: 0,
    topics: byTopic.map((topic) => ({ name: topic.name, partitions: partitionsOf(topic.slots) }))
  }
  return response
})

/**
 * Asks the shard of a group.
 *
 * @since 0.1.0
 */
export type Ask = <A>(
  groupId: string,
  decide: Decide<GroupState, GroupEvent, GroupTimer, never, A>,
  refuse: (code: number) => A
) => Effect.Effect<A>

interface FetchedGroup {
  readonly errorCode: number
  readonly topics: ReadonlyArray<OffsetFetches.FetchedTopic>
}

/** A group of a fetch; `topics` null asks for all. A topic id that is not known has no name. */
interface GroupToFetch {
  readonly groupId: string
  readonly ofMember: boolean
  readonly topics:
    | ReadonlyArray<{
      readonly topic: string | undefined
      readonly topicId: string
      readonly partitions: ReadonlyArray<number>
    }>
    | null
}

const fetchGroup = Effect.fnUntraced(function*(group: GroupToFetch, requireStable: boolean, ask: Ask) {
  const { groupId, ofMember, topics } = group
  const known = topics?.filter((topic): topic is OffsetFetches.TopicToFetch => topic.topic !== undefined) ?? null
  const fetched = yield* ask<FetchedGroup>(groupId, (state, _now, ticket) => {
    // The members of a group of another kind are not known here.
    if (ofMember && state.foreign.has(groupId)) {
      return answer(ticket, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, topics: [] })
    }
    const found = known === null
      ? OffsetFetches.fetchAll(state, groupId, requireStable)
      : OffsetFetches.fetch(state, groupId, known, requireStable)
    return answer(ticket, { errorCode: ErrorCode.NONE, topics: found })
  }, (errorCode) => ({ errorCode, topics: [] }))
  if (topics === null || fetched.errorCode !== ErrorCode.NONE) return fetched
  let next = 0
  return {
    errorCode: ErrorCode.NONE,
    topics: topics.map((topic) =>
      topic.topic !== undefined ? fetched.topics[next++]! : {
        topic: "",
        topicId: topic.topicId,
        partitions: topic.partitions.map((index) => OffsetFetches.noOffset(index, ErrorCode.UNKNOWN_TOPIC_ID))
      }
    )
  }
})

/** The first version that asks for several groups. */
const severalGroupsSince = 8
/** The first version with an error of its own beside those of the partitions. */
const topLevelErrorSince = 2

/**
 * OffsetFetch in all its versions.
 *
 * @since 0.1.0
 */
export const offsetFetch = (
  request: OffsetFetchRequest,
  apiVersion: number,
  topics: Topics,
  ask: Ask
): Effect.Effect<OffsetFetchResponse> =>
  apiVersion < severalGroupsSince
    ? fetchOne(request, apiVersion, ask)
    : fetchSeveral(request, apiVersion, topics, ask)

const fetchOne = Effect.fnUntraced(function*(request: OffsetFetchRequest, apiVersion: number, ask: Ask) {
  const asked = request.topics?.map(({ name, partitionIndexes }) => ({
    topic: name,
    topicId: noTopicId,
    partitions: partitionIndexes
  })) ?? null
  const group = { groupId: request.groupId, ofMember: false, topics: asked }
  const { errorCode, topics } = yield* fetchGroup(group, request.requireStable, ask)
  const failed = errorCode !== ErrorCode.NONE && apiVersion < topLevelErrorSince
  const response: OffsetFetchResponse = {
    throttleTimeMs: 0,
    topics: failed
      ? asked!.map(({ partitions, topic }) => ({
        name: topic,
        partitions: partitions.map((index) => OffsetFetches.noOffset(index, errorCode))
      }))
      : topics.map(({ partitions, topic }) => ({ name: topic, partitions })),
    errorCode,
    groups: []
  }
  return response
})

const fetchSeveral = Effect.fnUntraced(function*(
  request: OffsetFetchRequest,
  apiVersion: number,
  topics: Topics,
  ask: Ask
) {
  const byId = apiVersion >= topicIdsSince
  const groups: Array<OffsetFetchResponse["groups"][number]> = []
  for (const { groupId, memberEpoch, memberId, topics: asked } of request.groups) {
    const group: GroupToFetch = {
      groupId,
      ofMember: memberId !== null || memberEpoch >= 0,
      topics: asked?.map(({ name, partitionIndexes, topicId }) => ({
        topic: byId ? topics.nameOf(topicId) : name,
        topicId: byId ? topicId : noTopicId,
        partitions: partitionIndexes
      })) ?? null
    }
    const fetched = yield* fetchGroup(group, request.requireStable, ask)
    groups.push({ groupId, errorCode: fetched.errorCode, topics: namedTopics(fetched.topics, byId, topics) })
  }
  const response: OffsetFetchResponse = { throttleTimeMs: 0, topics: [], errorCode: ErrorCode.NONE, groups }
  return response
})

/** Topics as the version names them; by id, those that are gone have no name any more and are left out. */
const namedTopics = (
  fetched: ReadonlyArray<OffsetFetches.FetchedTopic>,
  byId: boolean,
  topics: Topics
): OffsetFetchResponse["groups"][number]["topics"] =>
  fetched.flatMap(({ partitions, topic, topicId }) => {
    const id = byId && topicId === noTopicId ? topics.idOf(topic) : topicId
    return id === undefined ? [] : [{ name: topic, topicId: id, partitions }]
  })
