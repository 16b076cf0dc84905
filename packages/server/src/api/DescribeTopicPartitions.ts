/**
 * DescribeTopicPartitions (key 75): topics with their partitions, page by page (KIP-966).
 *
 * As Kafka: topics come in the order of their names; a page has at most `max.request.partition.size.limit` partitions, and
 * at least one; the next page begins at the cursor of this one.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse
} from "@millrace/core/protocol/messages/DescribeTopicPartitions"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import type { MetadataImage, TopicImage } from "../coordination/controller/MetadataImage.ts"
import { Node } from "../coordination/controller/Node.ts"
import * as TopicName from "../coordination/controller/TopicName.ts"
import * as Handler from "./Handler.ts"
import { describePartition } from "./Metadata.ts"
import { operationsNotAsked, topicOperations } from "./Operations.ts"

type Response = Message.Input<typeof DescribeTopicPartitionsResponse>
type Topic = Response["topics"][number]

const byName = (one: string, other: string): number => one < other ? -1 : one > other ? 1 : 0

const unknown = (name: string, errorCode: number, operations: number): Topic => ({
  errorCode,
  name,
  topicId: Uuid.zero,
  isInternal: TopicName.internalTopics.has(name),
  partitions: [],
  topicAuthorizedOperations: operations
})

const described = (topic: TopicImage, from: number, count: number, image: MetadataImage): Topic => ({
  errorCode: 0,
  name: topic.name,
  topicId: topic.id,
  isInternal: TopicName.internalTopics.has(topic.name),
  partitions: topic.partitions.slice(from, from + count).map((partition, index) => ({
    ...describePartition(partition, from + index, image),
    eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
    lastKnownElr: partition.lastKnownElr
  })),
  topicAuthorizedOperations: topicOperations
})

/** One page: of these topics, from the cursor on. */
const pageOf = (
  names: ReadonlyArray<string>,
  cursor: DescribeTopicPartitionsRequest["cursor"],
  limit: number,
  image: MetadataImage
): Response => {
  const topics: Array<Topic> = []
  let room = limit
  for (const name of names) {
    const from = name === cursor?.topicName ? cursor.partitionIndex : 0
    if (room === 0) return { throttleTimeMs: 0, topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const topic = image.topics.get(name)
    if (topic === undefined) {
      const invalid = TopicName.check(name) !== null
      const code = invalid ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      topics.push(unknown(name, code, topicOperations))
      continue
    }
    topics.push(described(topic, from, room, image))
    const left = topic.partitions.length - from
    if (left > room) {
      return { throttleTimeMs: 0, topics, nextCursor: { topicName: name, partitionIndex: from + room } }
    }
    room -= Math.max(0, left)
  }
  return { throttleTimeMs: 0, topics, nextCursor: null }
}

/**
 * The handler of DescribeTopicPartitions.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  Effect.gen(function*() {
    const { image } = yield* Controller
    const { config } = yield* Node
    return ({ cursor, responsePartitionLimit, topics }) =>
      Effect.sync((): Response => {
        const asked = topics.length === 0 ? [...image.topics.keys()] : [...new Set(topics.map(({ name }) => name))]
        const names = asked.sort(byName).filter((name) => cursor === null || name >= cursor.topicName)
        if (cursor !== null && (cursor.partitionIndex < 0 || (topics.length > 0 && names[0] !== cursor.topicName))) {
          const refused = topics.map(({ name }) => unknown(name, ErrorCode.INVALID_REQUEST, operationsNotAsked))
          return { throttleTimeMs: 0, topics: refused, nextCursor: null }
        }
        const limit = Math.max(1, Math.min(responsePartitionLimit, config.number("max.request.partition.size.limit")))
        return pageOf(names, cursor, limit, image)
      })
  })
)
