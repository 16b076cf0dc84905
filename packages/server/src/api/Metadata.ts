/**
 * Metadata (key 3): brokers, and topics with their partitions; creates topics that are asked for.
 *
 * As Kafka: a null list (version 0: an empty one) means all topics; where any topic is asked for by id, names without an
 * id are ignored; the answer that starts the creation of a topic still says UNKNOWN_TOPIC_OR_PARTITION.
 * KIP-4, KIP-430, KIP-516.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import { MetadataRequest, MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import type { MetadataImage, PartitionImage, TopicImage } from "../coordination/controller/MetadataImage.ts"
import { Node } from "../coordination/controller/Node.ts"
import * as TopicName from "../coordination/controller/TopicName.ts"
import { creatable } from "./AutoCreation.ts"
import { brokersOf } from "./Brokers.ts"
import * as Handler from "./Handler.ts"
import { clusterOperations, operationsNotAsked, topicOperations } from "./Operations.ts"

type Response = Message.Input<typeof MetadataResponse>
type Topic = Response["topics"][number]

/**
 * A partition as clients are told of it.
 *
 * @since 0.1.0
 */
export const describePartition = (
  partition: PartitionImage,
  index: number,
  image: MetadataImage
) => {
  const isAlive = (id: number) => image.brokers.get(id)?.fenced === false
  return {
    errorCode: partition.leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : 0,
    partitionIndex: index,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: partition.replicas.filter((id) => !isAlive(id))
  }
}

const refusedWhole = (request: MetadataRequest, code: number): Response => ({
  throttleTimeMs: 0,
  brokers: [],
  clusterId: null,
  controllerId: -1,
  topics: (request.topics ?? []).map(({ name, topicId }) => ({
    errorCode: code,
    name: name ?? "",
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: operationsNotAsked
  })),
  clusterAuthorizedOperations: operationsNotAsked,
  errorCode: code
})

/** The code with which a request is refused as a whole, 0 if it is not. */
const problemOf = (request: MetadataRequest, version: number): number => {
  const topics = request.topics ?? []
  const byId = topics.some(({ topicId }) => topicId !== Uuid.zero)
  if (version < 12 && (byId || topics.some(({ name }) => name === null))) return ErrorCode.INVALID_REQUEST
  return !byId && topics.some(({ name }) => name === null) ? ErrorCode.INVALID_REQUEST : 0
}

/**
 * The handler of Metadata.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  MetadataRequest,
  MetadataResponse,
  Effect.gen(function*() {
    const controller = yield* Controller
    const { clusterId, config, id } = yield* Node
    const { image } = controller

    const unknown = (errorCode: number, name: string | null, topicId: string): Topic => ({
      errorCode,
      name,
      topicId,
      isInternal: name !== null && TopicName.internalTopics.has(name),
      partitions: [],
      topicAuthorizedOperations: operationsNotAsked
    })

    const described = (topic: TopicImage, operations: number): Topic => ({
      errorCode: 0,
      name: topic.name,
      topicId: topic.id,
      isInternal: TopicName.internalTopics.has(topic.name),
      partitions: topic.partitions.map((partition, index) => describePartition(partition, index, image)),
      topicAuthorizedOperations: operations
    })

    const topicsOf = (request: MetadataRequest, version: number, creating: Array<string>): Array<Topic> => {
      const operations = request.includeTopicAuthorizedOperations ? topicOperations : operationsNotAsked
      const asked = request.topics
      if (asked === null || (version === 0 && asked.length === 0)) {
        return [...image.topics.values()].map((topic) => described(topic, operations))
      }
      if (asked.some(({ topicId }) => topicId !== Uuid.zero)) {
        return asked.filter(({ topicId }) => topicId !== Uuid.zero).map(({ topicId }) => {
          const topic = image.topicsById.get(topicId)
          return topic === undefined ? unknown(ErrorCode.UNKNOWN_TOPIC_ID, null, topicId) : described(topic, operations)
        })
      }
      const names = new Set(asked.map(({ name }) => name ?? ""))
      const mayCreate = request.allowAutoTopicCreation && config.boolean("auto.create.topics.enable")
      return [...names].map((name) => {
        const topic = image.topics.get(name)
        if (topic !== undefined) return described(topic, operations)
        const isInvalid = TopicName.check(name) !== null
        if (mayCreate && !isInvalid) creating.push(name)
        const code = isInvalid ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return { ...unknown(code, name, Uuid.zero), topicAuthorizedOperations: operations }
      })
    }

    const create = (names: ReadonlyArray<string>) =>
      controller.createTopics({
        topics: names.map((name) => creatable(name, config)),
        timeoutMs: config.number("request.timeout.ms"),
        validateOnly: false
      }).pipe(Effect.catch((error) => Effect.logWarning("could not create topics that were asked for", error)))

    return Effect.fnUntraced(function*(request, { connection, version }) {
      const problem = problemOf(request, version)
      if (problem !== 0) return refusedWhole(request, problem)
      const creating: Array<string> = []
      const topics = topicsOf(request, version, creating)
      if (creating.length > 0) yield* create(creating)
      return {
        throttleTimeMs: 0,
        brokers: brokersOf(image, connection.listener).map(({ host, id, port, rack }) => ({
          nodeId: id,
          host,
          port,
          rack
        })),
        clusterId,
        controllerId: id,
        topics,
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? clusterOperations
          : operationsNotAsked,
        errorCode: 0
      }
    })
  })
)
