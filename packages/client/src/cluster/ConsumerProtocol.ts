/**
 * What members of a classic group of consumers tell each other: subscriptions and assignments, in bytes.
 *
 * Keeps true: topics and owned partitions are written in order, as Kafka does; later versions are read as the latest
 * known one.
 *
 * @since 0.1.0
 */
import { ConsumerProtocolAssignment } from "@millrace/core/protocol/messages/data/ConsumerProtocolAssignment"
import { ConsumerProtocolSubscription } from "@millrace/core/protocol/messages/data/ConsumerProtocolSubscription"
import * as Message from "@millrace/core/protocol/Message"
import { compare, compareText, groupByTopic, type TopicPartition } from "./TopicPartition.ts"

/**
 * The protocol type of groups of consumers.
 *
 * @since 0.1.0
 */
export const protocolType = "consumer"

/**
 * The version that is written.
 *
 * @since 0.1.0
 */
export const version = 3

/**
 * What a member subscribes to and owns. `generationId` is -1 if it has none.
 *
 * @since 0.1.0
 */
export interface Subscription {
  readonly topics: ReadonlyArray<string>
  readonly userData: Uint8Array | null
  readonly ownedPartitions: ReadonlyArray<TopicPartition>
  readonly generationId: number
  readonly rackId: string | null
}

/**
 * What a member is given.
 *
 * @since 0.1.0
 */
export interface Assignment {
  readonly partitions: ReadonlyArray<TopicPartition>
  readonly userData: Uint8Array | null
}

/**
 * Writes a subscription; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeSubscription = (subscription: Subscription, as: number = version): Uint8Array =>
  Message.encodePrefixed(ConsumerProtocolSubscription, as, {
    topics: [...subscription.topics].sort(compareText),
    userData: subscription.userData,
    ownedPartitions: toTopics([...subscription.ownedPartitions].sort(compare)),
    generationId: subscription.generationId,
    rackId: subscription.rackId
  })

/**
 * Reads a subscription; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeSubscription = (bytes: Uint8Array): Subscription => {
  const { generationId, ownedPartitions, rackId, topics, userData } = Message.decodePrefixed(
    ConsumerProtocolSubscription,
    bytes
  )
  return { topics, userData, ownedPartitions: fromTopics(ownedPartitions), generationId, rackId }
}

/**
 * Writes an assignment; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeAssignment = (assignment: Assignment, as: number = version): Uint8Array =>
  Message.encodePrefixed(ConsumerProtocolAssignment, as, {
    assignedPartitions: toTopics(assignment.partitions),
    userData: assignment.userData
  })

/**
 * Reads an assignment; throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeAssignment = (bytes: Uint8Array): Assignment => {
  const { assignedPartitions, userData } = Message.decodePrefixed(ConsumerProtocolAssignment, bytes)
  return { partitions: fromTopics(assignedPartitions), userData }
}

const toTopics = (partitions: ReadonlyArray<TopicPartition>) =>
  [...groupByTopic(partitions)].map(([topic, numbers]) => ({ topic, partitions: numbers }))

const fromTopics = (
  topics: ReadonlyArray<{ readonly topic: string; readonly partitions: ReadonlyArray<number> }>
): ReadonlyArray<TopicPartition> =>
  topics.flatMap(({ partitions, topic }) => partitions.map((partition) => ({ topic, partition })))
