/**
 * The controller's decisions on topics: creating, growing and deleting them.
 *
 * Keeps true: a topic that one request creates and another deletes is never half there, because its records are one batch;
 * what is refused changes nothing.
 * Leaves to others: when the records are committed (`Controller`), the logs of the partitions (`MetadataPublisher`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse
} from "@millrace/core/protocol/messages/CreatePartitions"
import type { CreateTopicsRequest, CreateTopicsResponse } from "@millrace/core/protocol/messages/CreateTopics"
import type { DeleteTopicsRequest, DeleteTopicsResponse } from "@millrace/core/protocol/messages/DeleteTopics"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as LogConfig from "../../storage/LogConfig.ts"
import { partitionsPerRequestMax } from "../../limits.ts"
import { ConfigSource } from "./BrokerConfig.ts"
import type { Decision, DecisionContext, Refusal } from "./Decision.ts"
import { ConfigResource, type MetadataImage, type TopicImage } from "./MetadataImage.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import * as ReplicaPlacement from "./ReplicaPlacement.ts"
import * as TopicConfig from "./TopicConfig.ts"
import * as TopicName from "./TopicName.ts"

type CreatableTopic = CreateTopicsRequest["topics"][number]
type CreatedTopic = CreateTopicsResponse["topics"][number]
type DeletedTopic = DeleteTopicsResponse["responses"][number]
type GrownTopic = CreatePartitionsResponse["results"][number]

const refusal = (code: number, message: string | null): Refusal => ({ code, message })

const isRefusal = (value: object): value is Refusal => "code" in value

/** Names that occur more than once. */
const duplicatesOf = (names: ReadonlyArray<string>): Set<string> => {
  const seen = new Set<string>()
  return new Set(names.filter((name) => seen.has(name) || !seen.add(name)))
}

const partitionRecord = (
  image: MetadataImage,
  topicId: string,
  partitionId: number,
  replicas: ReadonlyArray<number>
): MetadataRecord => {
  const isr = ReplicaPlacement.aliveOf(image, replicas)
  return {
    type: "PartitionRecord",
    value: {
      partitionId,
      topicId,
      replicas: [...replicas],
      isr: [...isr],
      removingReplicas: [],
      addingReplicas: [],
      leader: isr[0] ?? -1,
      leaderRecoveryState: 0,
      leaderEpoch: 0,
      partitionEpoch: 0,
      directories: replicas.map((id) => {
        const directories = image.brokers.get(id)?.logDirs ?? []
        return directories.length === 1 ? directories[0]! : Uuid.zero
      }),
      eligibleLeaderReplicas: null,
      lastKnownElr: null
    }
  }
}

const createdFailed = (topic: CreatableTopic, { code, message }: Refusal): CreatedTopic => ({
  name: topic.name,
  topicId: Uuid.zero,
  errorCode: code,
  errorMessage: message,
  topicConfigErrorCode: 0,
  numPartitions: -1,
  replicationFactor: -1,
  configs: []
})

/** Null if a topic may have this name now, `creating` being the folded names of this request so far. */
const checkName = (image: MetadataImage, name: string, creating: ReadonlyMap<string, string>): Refusal | null => {
  const problem = TopicName.check(name)
  if (problem !== null) return refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, problem)
  if (image.topics.has(name)) return refusal(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  const folded = TopicName.fold(name)
  if (!/[._]/.test(name)) return null
  const other = creating.get(folded) ?? image.foldedName(folded)
  return other === undefined
    ? null
    : refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${other}`)
}

const overridesOf = (topic: CreatableTopic, context: DecisionContext): ReadonlyMap<string, string> | Refusal => {
  const overrides = new Map<string, string>()
  for (const { name, value } of topic.configs) {
    if (value === null) return refusal(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${name}`)
    overrides.set(name, value)
  }
  const problem = TopicConfig.checkAll(context.config, overrides)
  return problem === null ? overrides : refusal(ErrorCode.INVALID_CONFIG, problem)
}

const manualAssignment = (
  image: MetadataImage,
  topic: CreatableTopic
): ReadonlyArray<ReadonlyArray<number>> | Refusal => {
  const hint = "A manual partition assignment was specified, but"
  if (topic.replicationFactor !== -1) {
    return refusal(ErrorCode.INVALID_REQUEST, `${hint} replication factor was not set to -1.`)
  }
  if (topic.numPartitions !== -1) return refusal(ErrorCode.INVALID_REQUEST, `${hint} numPartitions was not set to -1.`)
  const placed: Array<ReadonlyArray<number>> = []
  let factor: number | null = null
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (placed[partitionIndex] !== undefined) {
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`
      )
    }
    const problem = ReplicaPlacement.checkManual(image, brokerIds, factor)
    if (problem !== null) return problem
    factor = brokerIds.length
    // A number out of range leaves a gap, which is refused below; it must not make the array huge.
    if (partitionIndex >= 0 && partitionIndex < topic.assignments.length) placed[partitionIndex] = brokerIds
  }
  for (let i = 0; i < topic.assignments.length; i++) {
    if (placed[i] !== undefined) continue
    return refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, "partitions should be a consecutive 0-based integer sequence")
  }
  return placed
}

const placementOf = (
  image: MetadataImage,
  topic: CreatableTopic,
  context: DecisionContext
): ReadonlyArray<ReadonlyArray<number>> | Refusal => {
  if (topic.assignments.length > 0) return manualAssignment(image, topic)
  const { numPartitions, replicationFactor } = topic
  if (replicationFactor < -1 || replicationFactor === 0) {
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      "Replication factor must be larger than 0, or -1 to use the default value."
    )
  }
  if (numPartitions < -1 || numPartitions === 0) {
    return refusal(ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value.")
  }
  const partitions = numPartitions === -1 ? context.config.number("num.partitions") : numPartitions
  const factor = replicationFactor === -1 ? context.config.number("default.replication.factor") : replicationFactor
  return ReplicaPlacement.place(image, partitions, factor, context.random)
}

/** What the answer says of a topic's settings: all of them, in order of their names. */
const describedConfigs = (context: DecisionContext, overrides: ReadonlyMap<string, string>): CreatedTopic["configs"] =>
  [...LogConfig.definitions.values()].filter((definition) => definition.shown).map(({ name }) => ({
    name,
    value: TopicConfig.text(context.config, overrides, name),
    readOnly: false,
    configSource: TopicConfig.synonyms(context.config, overrides, name)[0]?.source ?? ConfigSource.default,
    isSensitive: false
  }))

/**
 * Creates topics; each is created or refused on its own.
 *
 * @since 0.1.0
 */
export const createTopics = (
  image: MetadataImage,
  request: CreateTopicsRequest,
  context: DecisionContext
): Decision<CreateTopicsResponse> => {
  const records: Array<MetadataRecord> = []
  const duplicates = duplicatesOf(request.topics.map((topic) => topic.name))
  const creating = new Map<string, string>()
  const total = request.topics.reduce(
    (sum, topic) => sum + (topic.assignments.length > 0 ? topic.assignments.length : Math.max(topic.numPartitions, 1)),
    0
  )
  const createOne = (topic: CreatableTopic): CreatedTopic => {
    if (total > partitionsPerRequestMax) return createdFailed(topic, tooManyPartitions)
    const problem = checkName(image, topic.name, creating)
    if (problem !== null) return createdFailed(topic, problem)
    const overrides = overridesOf(topic, context)
    if (isRefusal(overrides)) return createdFailed(topic, overrides)
    const placed = placementOf(image, topic, context)
    if (isRefusal(placed)) return createdFailed(topic, placed)
    creating.set(TopicName.fold(topic.name), topic.name)
    const topicId = context.uuid()
    records.push({ type: "TopicRecord", value: { name: topic.name, topicId } })
    for (const [name, value] of overrides) {
      records.push({
        type: "ConfigRecord",
        value: { resourceType: ConfigResource.topic, resourceName: topic.name, name, value }
      })
    }
    placed.forEach((replicas, partition) => records.push(partitionRecord(image, topicId, partition, replicas)))
    return {
      name: topic.name,
      topicId,
      errorCode: 0,
      errorMessage: null,
      topicConfigErrorCode: 0,
      numPartitions: placed.length,
      replicationFactor: placed[0]?.length ?? -1,
      configs: describedConfigs(context, overrides)
    }
  }
  const topics = request.topics.filter((topic) => !duplicates.has(topic.name)).map(createOne)
  for (const name of duplicates) {
    const topic = request.topics.find((topic) => topic.name === name)!
    topics.push(createdFailed(topic, refusal(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")))
  }
  return { records: request.validateOnly ? [] : records, response: { throttleTimeMs: 0, topics } }
}

/**
 * The answer to a request that allows no time: nothing is created.
 *
 * @since 0.1.0
 */
export const timedOut = (request: CreateTopicsRequest): CreateTopicsResponse => ({
  throttleTimeMs: 0,
  topics: request.topics.map((topic) => createdFailed(topic, { code: ErrorCode.REQUEST_TIMED_OUT, message: null }))
})

const tooManyPartitions = refusal(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.")

/**
 * Deletes topics by name or id.
 *
 * @since 0.1.0
 */
export const deleteTopics = (
  image: MetadataImage,
  request: DeleteTopicsRequest,
  version: number,
  context: DecisionContext
): Decision<DeleteTopicsResponse> => {
  const named = version >= 6
    ? request.topics.map(({ name, topicId }) => ({ name, id: topicId }))
    : request.topicNames.map((name) => ({ name, id: Uuid.zero }))
  const duplicateNames = duplicatesOf(named.flatMap(({ name }) => name === null ? [] : [name]))
  const duplicateIds = duplicatesOf(named.flatMap(({ id }) => id === Uuid.zero ? [] : [id]))
  const answered = new Set<string>()
  const records: Array<MetadataRecord> = []
  const responses: Array<DeletedTopic> = []
  const refuse = (name: string | null, topicId: string, code: number, message: string | null) =>
    responses.push({ name, topicId, errorCode: code, errorMessage: message })
  const disabled = !context.config.boolean("delete.topic.enable")
  for (const { id, name } of named) {
    const key = `${id}:${name}`
    if (answered.has(key)) continue
    answered.add(key)
    if (disabled) {
      refuse(name, id, version < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED, null)
    } else if (name !== null && id !== Uuid.zero) {
      refuse(name, id, ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id.")
    } else if (name === null && id === Uuid.zero) {
      refuse(null, id, ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified.")
    } else if (name !== null ? duplicateNames.has(name) : duplicateIds.has(id)) {
      refuse(name, id, ErrorCode.INVALID_REQUEST, name !== null ? "Duplicate topic name." : "Duplicate topic id.")
    } else {
      const topic = name !== null ? image.topics.get(name) : image.topicsById.get(id)
      if (topic !== undefined) deleteOne(topic, records, responses)
      else if (name === null) refuse(name, id, ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
      else refuse(name, id, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
    }
  }
  return { records, response: { throttleTimeMs: 0, responses } }
}

const deleteOne = (topic: TopicImage, records: Array<MetadataRecord>, responses: Array<DeletedTopic>): void => {
  // The same topic named once by name and once by id goes once.
  const gone = records.some((record) => record.type === "RemoveTopicRecord" && record.value.topicId === topic.id)
  if (!gone) records.push({ type: "RemoveTopicRecord", value: { topicId: topic.id } })
  responses.push({
    name: topic.name,
    topicId: topic.id,
    errorCode: gone ? ErrorCode.INVALID_REQUEST : 0,
    errorMessage: gone ? "The provided topic name maps to an ID that was already supplied." : null
  })
}

/**
 * Gives topics more partitions.
 *
 * @since 0.1.0
 */
export const createPartitions = (
  image: MetadataImage,
  request: CreatePartitionsRequest,
  context: DecisionContext
): Decision<CreatePartitionsResponse> => {
  const records: Array<MetadataRecord> = []
  const duplicates = duplicatesOf(request.topics.map((topic) => topic.name))
  const growOne = (topic: CreatePartitionsRequest["topics"][number]): GrownTopic => {
    const grown = growth(image, topic, context)
    if (isRefusal(grown)) return { name: topic.name, errorCode: grown.code, errorMessage: grown.message }
    records.push(...grown)
    return { name: topic.name, errorCode: 0, errorMessage: null }
  }
  const results = request.topics.filter((topic) => !duplicates.has(topic.name)).map(growOne)
  for (const name of duplicates) {
    results.push({ name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: "Duplicate topic name." })
  }
  return { records: request.validateOnly ? [] : records, response: { throttleTimeMs: 0, results } }
}

const growth = (
  image: MetadataImage,
  { assignments, count, name }: CreatePartitionsRequest["topics"][number],
  context: DecisionContext
): ReadonlyArray<MetadataRecord> | Refusal => {
  const topic = image.topics.get(name)
  if (topic === undefined) return refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null)
  const now = topic.partitions.length
  if (count === now) return refusal(ErrorCode.INVALID_PARTITIONS, `Topic already has ${now} partition(s).`)
  if (count < now) {
    return refusal(
      ErrorCode.INVALID_PARTITIONS,
      `The topic ${name} currently has ${now} partition(s); ${count} would not be an increase.`
    )
  }
  const added = count - now
  if (added > partitionsPerRequestMax) return tooManyPartitions
  const factor = topic.partitions[0]?.replicas.length ?? 1
  const place = (): ReadonlyArray<ReadonlyArray<number>> | Refusal => {
    if (assignments === null) return ReplicaPlacement.place(image, added, factor, context.random)
    if (assignments.length !== added) {
      return refusal(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Attempted to add ${added} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
      )
    }
    for (const { brokerIds } of assignments) {
      const problem = ReplicaPlacement.checkManual(image, brokerIds, factor)
      if (problem !== null) return problem
    }
    return assignments.map(({ brokerIds }) => brokerIds)
  }
  const placed = place()
  return isRefusal(placed) ? placed : placed.map((replicas, i) => partitionRecord(image, topic.id, now + i, replicas))
}
