/**
 * Offsets, asked of leaders and group coordinators: what consumers and the admin have in common.
 *
 * Keeps true: each function asks again while that may help, for `timeoutMs` at most.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as Effect from "effect/Effect"
import { requestTimeoutMs } from "../limits.ts"
import * as Apis from "./Apis.ts"
import { canRetry, type Cluster, type Lane, type RequestError } from "./Cluster.ts"
import * as Retry from "./Retry.ts"
import { keyOf, type TopicPartition } from "./TopicPartition.ts"

/**
 * Asks for the end of a partition, its beginning, or the first record at or after a time (milliseconds).
 *
 * @since 0.1.0
 */
export const Timestamp = { latest: -1, earliest: -2, maxTimestamp: -3 } as const

/**
 * A partition, and what is asked of it: a time, or one of `Timestamp`.
 *
 * @since 0.1.0
 */
export interface OffsetQuery extends TopicPartition {
  readonly timestamp: number
}

/**
 * An offset of a partition; -1 for both if there is no such record.
 *
 * @since 0.1.0
 */
export interface ListedOffset extends TopicPartition {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/**
 * What a group has committed for a partition.
 *
 * @since 0.1.0
 */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/**
 * A position to commit, with the leader epoch of the record before it (-1: not known) and a text for oneself.
 *
 * @since 0.1.0
 */
export interface OffsetAndMetadata extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch?: number | undefined
  readonly metadata?: string | undefined
}

/** Items by topic, as requests name them. */
const groupBy = <A extends TopicPartition, B>(
  items: ReadonlyArray<A>,
  toEntry: (item: A) => B
): Array<{ name: string; partitions: Array<B> }> => {
  const topics = new Map<string, { name: string; partitions: Array<B> }>()
  for (const item of items) {
    const known = topics.get(item.topic)
    if (known === undefined) topics.set(item.topic, { name: item.topic, partitions: [toEntry(item)] })
    else known.partitions.push(toEntry(item))
  }
  return [...topics.values()]
}

/**
 * Offsets as the requests that commit them have them.
 *
 * @since 0.1.0
 */
export const toCommit = (offsets: ReadonlyArray<OffsetAndMetadata>) =>
  groupBy(offsets, (one) => ({
    partitionIndex: one.partition,
    committedOffset: one.offset,
    committedLeaderEpoch: one.leaderEpoch ?? -1,
    committedMetadata: one.metadata ?? ""
  }))

const leaderless = (query: TopicPartition) =>
  KafkaError.fromCode(ErrorCode.LEADER_NOT_AVAILABLE, keyOf(query.topic, query.partition))

/**
 * Asks the leaders for offsets.
 *
 * @since 0.1.0
 */
export const listOffsets = (
  cluster: Cluster["Service"],
  lane: Lane,
  queries: ReadonlyArray<OffsetQuery>,
  options: { readonly readCommitted: boolean; readonly timeoutMs: number }
): Effect.Effect<ReadonlyArray<ListedOffset>, RequestError> => {
  const listed: Array<ListedOffset> = []
  let left = queries
  const topics = [...new Set(queries.map((query) => query.topic))]

  const askNode = Effect.fnUntraced(function*(nodeId: number, asked: ReadonlyArray<OffsetQuery>) {
    const response = yield* lane.call(nodeId, Apis.listOffsets, {
      replicaId: -1,
      isolationLevel: options.readCommitted ? 1 : 0,
      timeoutMs: requestTimeoutMs,
      topics: groupBy(asked, (query) => ({
        partitionIndex: query.partition,
        currentLeaderEpoch: cluster.metadata.partition(query.topic, query.partition)?.leaderEpoch ?? -1,
        timestamp: query.timestamp
      }))
    }, asked.some((query) => query.timestamp === Timestamp.maxTimestamp) ? { versionMin: 7 } : undefined)
    let failure: KafkaError.KafkaError | undefined
    for (const topic of response.topics) {
      for (const { errorCode, leaderEpoch, offset, partitionIndex, timestamp } of topic.partitions) {
        if (KafkaError.isError(errorCode)) failure ??= KafkaError.fromCode(errorCode, keyOf(topic.name, partitionIndex))
        else listed.push({ topic: topic.name, partition: partitionIndex, offset, timestamp, leaderEpoch })
      }
    }
    return failure
  })

  const ask = Effect.gen(function*() {
    const byLeader = new Map<number, Array<OffsetQuery>>()
    for (const query of left) {
      const leaderId = cluster.metadata.partition(query.topic, query.partition)?.leaderId ?? -1
      if (leaderId < 0) return yield* leaderless(query)
      const known = byLeader.get(leaderId)
      if (known === undefined) byLeader.set(leaderId, [query])
      else known.push(query)
    }
    const outcomes = yield* Effect.forEach(
      byLeader,
      ([nodeId, asked]) => Effect.result(askNode(nodeId, asked)),
      { concurrency: "unbounded" }
    )
    const done = new Set(listed.map((one) => keyOf(one.topic, one.partition)))
    left = left.filter((query) => !done.has(keyOf(query.topic, query.partition)))
    for (const outcome of outcomes) {
      const failure = outcome._tag === "Failure" ? outcome.failure : outcome.success
      if (failure !== undefined) return yield* Effect.fail(failure)
    }
  })

  return ask.pipe(
    Retry.retry<RequestError>({
      while: canRetry,
      timeoutMs: options.timeoutMs,
      onError: () => Effect.ignore(cluster.refresh(topics))
    }),
    Effect.map(() => listed)
  )
}

/** Runs a request at a group's coordinator, finding it again where that helps. */
const atCoordinator = <A>(
  cluster: Cluster["Service"],
  groupId: string,
  timeoutMs: number,
  request: (nodeId: number) => Effect.Effect<A, RequestError>
): Effect.Effect<A, RequestError> =>
  Effect.flatMap(cluster.coordinator("group", groupId), request).pipe(
    Retry.retry<RequestError>({
      while: canRetry,
      timeoutMs,
      onError: (error) =>
        Effect.sync(() => {
          if (error._tag === "ClientError" || error.refresh === "coordinator") {
            cluster.forgetCoordinator("group", groupId)
          }
        })
    })
  )

/**
 * Asks a group's coordinator what the group has committed; null: for all partitions. Those without are left out.
 * With `requireStable` it waits for offsets of open transactions.
 *
 * @since 0.1.0
 */
export const fetchCommitted = (
  cluster: Cluster["Service"],
  lane: Lane,
  groupId: string,
  partitions: ReadonlyArray<TopicPartition> | null,
  options: { readonly requireStable: boolean; readonly timeoutMs: number }
): Effect.Effect<ReadonlyArray<CommittedOffset>, RequestError> => {
  const topics = partitions === null
    ? null
    : groupBy(partitions, (one) => one.partition).map(({ name, partitions }) => ({
      name,
      partitionIndexes: partitions
    }))
  return atCoordinator(
    cluster,
    groupId,
    options.timeoutMs,
    Effect.fnUntraced(function*(nodeId) {
      const response = yield* lane.call(nodeId, Apis.offsetFetch, (version) => ({
        ...(version >= 8 ? { groups: [{ groupId, topics }] } : { groupId, topics }),
        ...(version >= 7 && { requireStable: options.requireStable })
      }), { versionMax: 9 })
      const answer = response.groups[0] ?? response
      if (KafkaError.isError(answer.errorCode)) return yield* KafkaError.fromCode(answer.errorCode)
      const committed: Array<CommittedOffset> = []
      for (const topic of answer.topics) {
        for (const one of topic.partitions) {
          if (KafkaError.isError(one.errorCode)) return yield* KafkaError.fromCode(one.errorCode)
          if (one.committedOffset < 0) continue
          committed.push({
            topic: topic.name,
            partition: one.partitionIndex,
            offset: one.committedOffset,
            leaderEpoch: one.committedLeaderEpoch,
            metadata: one.metadata ?? ""
          })
        }
      }
      return committed
    })
  )
}

/**
 * Commits offsets for a group, as one of its members, or (generation -1, no member id) as nobody, which works while
 * the group has no members. Fails with the first error of a partition.
 *
 * @since 0.1.0
 */
export const commit = (
  cluster: Cluster["Service"],
  lane: Lane,
  member: {
    readonly groupId: string
    readonly generationId: number
    readonly memberId: string
    readonly groupInstanceId: string | null
  },
  offsets: ReadonlyArray<OffsetAndMetadata>,
  timeoutMs: number
): Effect.Effect<void, RequestError> =>
  atCoordinator(
    cluster,
    member.groupId,
    timeoutMs,
    Effect.fnUntraced(function*(nodeId) {
      const response = yield* lane.call(nodeId, Apis.offsetCommit, (version) => ({
        groupId: member.groupId,
        generationIdOrMemberEpoch: member.generationId,
        memberId: member.memberId,
        ...(version >= 7 && { groupInstanceId: member.groupInstanceId }),
        topics: toCommit(offsets)
      }), { versionMax: 9 })
      for (const topic of response.topics) {
        for (const { errorCode, partitionIndex } of topic.partitions) {
          if (KafkaError.isError(errorCode)) {
            return yield* KafkaError.fromCode(errorCode, keyOf(topic.name, partitionIndex))
          }
        }
      }
    })
  )
