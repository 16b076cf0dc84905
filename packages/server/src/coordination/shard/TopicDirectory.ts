/**
 * The topics of the cluster as coordinators need to know them: names, ids, counts.
 *
 * Keeps true: answers are those of the metadata that this broker has applied, and cost no Effect.
 * Leaves to others: the metadata itself, making internal topics (the controller and the broker).
 *
 * @since 0.1.0
 */
import { coordinatorPartition } from "@millrace/core/hash/JavaHash"
import * as Context from "effect/Context"

/**
 * Topics by name and by id. Ids are Kafka's 22-character text.
 *
 * @since 0.1.0
 */
export class TopicDirectory extends Context.Service<TopicDirectory, {
  readonly nameOf: (topicId: string) => string | undefined
  readonly idOf: (name: string) => string | undefined
  /** 0 for a topic that does not exist. */
  readonly partitionCount: (name: string) => number
}>()("@millrace/server/coordination/TopicDirectory") {}

/**
 * Where groups and their offsets are kept.
 *
 * @since 0.1.0
 */
export const consumerOffsetsTopic = "__consumer_offsets"

/**
 * Where transactions are kept.
 *
 * @since 0.1.0
 */
export const transactionStateTopic = "__transaction_state"

/**
 * The partition of an internal topic that holds `id`, or undefined while the topic does not exist.
 *
 * @since 0.1.0
 */
export const partitionOf = (topics: TopicDirectory["Service"], topic: string, id: string): number | undefined => {
  const count = topics.partitionCount(topic)
  return count === 0 ? undefined : coordinatorPartition(id, count)
}
