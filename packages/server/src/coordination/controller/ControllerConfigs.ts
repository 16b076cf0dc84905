/**
 * The controller's decisions on settings of topics and brokers.
 *
 * Keeps true: all changes of one resource are taken together or refused together; a topic's settings stay valid as a whole.
 * Leaves to others: settings of groups and of client metrics, which come with what they set.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { AlterConfigsRequest, AlterConfigsResponse } from "@millrace/core/protocol/messages/AlterConfigs"
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
} from "@millrace/core/protocol/messages/IncrementalAlterConfigs"
import * as LogConfig from "../../storage/LogConfig.ts"
import { brokerConfigs } from "./BrokerConfigTable.ts"
import { check, parseList } from "./ConfigDef.ts"
import type { Decision, DecisionContext, Refusal } from "./Decision.ts"
import { ConfigResource, type MetadataImage } from "./MetadataImage.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import * as TopicConfig from "./TopicConfig.ts"
import * as TopicName from "./TopicName.ts"

type Outcome = IncrementalAlterConfigsResponse["responses"][number]

/** What may be done to a setting, by Kafka's numbers. */
const Operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** One change, in the form that both APIs come down to. */
interface Change {
  readonly name: string
  readonly operation: number
  readonly value: string | null
}

interface Resource {
  readonly type: number
  readonly name: string
  readonly changes: ReadonlyArray<Change>
  /** Whether settings that are not named go back to their defaults. */
  readonly replaces: boolean
}

const refusal = (code: number, message: string | null): Refusal => ({ code, message })

/** Null if the resource is one whose settings may be changed here. */
const checkResource = (image: MetadataImage, { name, type }: Resource): Refusal | null => {
  if (type === ConfigResource.topic) {
    if (name === "") return refusal(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.")
    const problem = TopicName.check(name)
    if (problem !== null) return refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, problem)
    return image.topics.has(name)
      ? null
      : refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
  }
  if (type === ConfigResource.broker) {
    if (name === "" || image.brokers.has(Number(name))) return null
    return refusal(
      ErrorCode.INVALID_REQUEST,
      `Unexpected broker id, expected a registered broker, but received ${name}`
    )
  }
  return refusal(ErrorCode.INVALID_REQUEST, `Settings of resources of type ${type} can't be changed.`)
}

const isList = (type: number, name: string): boolean =>
  type === ConfigResource.topic
    ? LogConfig.definitions.get(name)?.type === "LIST"
    : brokerConfigs.get(name)?.type === "list"

/** Applies one change to the settings of a resource. */
const applyChange = (
  resource: Resource,
  { name, operation, value }: Change,
  settings: Map<string, string>,
  inherited: (name: string) => string
): Refusal | null => {
  if (operation === Operation.delete) {
    settings.delete(name)
    return null
  }
  if (value === null) return refusal(ErrorCode.INVALID_REQUEST, `Null value not supported for : ${name}`)
  if (operation === Operation.set) {
    settings.set(name, value)
    return null
  }
  if (operation !== Operation.append && operation !== Operation.subtract) {
    return refusal(ErrorCode.INVALID_REQUEST, null)
  }
  if (!isList(resource.type, name)) {
    const verb = operation === Operation.append ? "append to" : "subtract from"
    return refusal(ErrorCode.INVALID_CONFIG, `Can't ${verb} key ${name} because its type is not LIST.`)
  }
  const items = parseList(settings.get(name) ?? inherited(name))
  const named = parseList(value)
  const result = operation === Operation.append
    ? [...items, ...named.filter((item) => !items.includes(item))]
    : items.filter((item) => !named.includes(item))
  settings.set(name, result.join(","))
  return null
}

/** What Kafka lets a broker change while it runs, and this one does not. */
const fixedAtStart: ReadonlySet<string> = new Set(["listeners", "listener.security.protocol.map", "cordoned.log.dirs"])

/** Null if the cleaner has enough memory for each of its threads. */
const checkCleaner = (settings: ReadonlyMap<string, string>, { config }: DecisionContext): Refusal | null => {
  const number = (name: string) => Number(settings.get(name) ?? config.text(name))
  return number("log.cleaner.dedupe.buffer.size") / number("log.cleaner.threads") >= 1024 * 1024
    ? null
    : refusal(ErrorCode.INVALID_REQUEST, "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.")
}

const checkBrokerSettings = (
  resource: Resource,
  settings: ReadonlyMap<string, string>,
  context: DecisionContext
): Refusal | null => {
  for (const { name, operation } of resource.changes) {
    const def = brokerConfigs.get(name)
    // Settings of plug-ins have names that nobody here knows; they are kept, as in Kafka.
    if (def === undefined) continue
    if (name === "min.insync.replicas" && resource.name !== "") {
      return refusal(
        ErrorCode.INVALID_CONFIG,
        "Broker-level min.insync.replicas cannot be altered while ELR is enabled."
      )
    }
    if (name === "min.insync.replicas" && operation === Operation.delete) {
      return refusal(
        ErrorCode.INVALID_CONFIG,
        "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."
      )
    }
    if (def.updateMode === "read-only" || fixedAtStart.has(name)) {
      return refusal(ErrorCode.INVALID_REQUEST, `Cannot update these configs dynamically: ${name}`)
    }
    if (def.updateMode === "per-broker" && resource.name === "") {
      return refusal(ErrorCode.INVALID_REQUEST, `Cannot update these configs at default cluster level: ${name}`)
    }
    const value = settings.get(name)
    const problem = value === undefined ? null : check(def, value)
    if (problem !== null) return refusal(ErrorCode.INVALID_REQUEST, problem)
  }
  return checkCleaner(settings, context)
}

const checkSettings = (
  resource: Resource,
  settings: ReadonlyMap<string, string>,
  context: DecisionContext
): Refusal | null => {
  if (resource.type === ConfigResource.broker) return checkBrokerSettings(resource, settings, context)
  const problem = TopicConfig.checkAll(context.config, settings)
  return problem === null ? null : refusal(ErrorCode.INVALID_CONFIG, problem)
}

const decideResource = (
  image: MetadataImage,
  resource: Resource,
  context: DecisionContext
): ReadonlyArray<MetadataRecord> | Refusal => {
  const unknown = checkResource(image, resource)
  if (unknown !== null) return unknown
  const names = resource.changes.map(({ name }) => name)
  if (new Set(names).size !== names.length) {
    return refusal(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys")
  }
  const before = image.config(resource.type, resource.name)
  const after = new Map(resource.replaces ? [] : before)
  const inherited = (name: string) =>
    resource.type === ConfigResource.topic
      ? TopicConfig.text(context.config, before, name)
      : context.config.text(name) ?? ""
  for (const change of resource.changes) {
    const problem = applyChange(resource, change, after, inherited)
    if (problem !== null) return problem
  }
  const problem = checkSettings(resource, after, context)
  return problem ?? recordsBetween(resource, before, after)
}

const recordsBetween = (
  { name: resourceName, type: resourceType }: Resource,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>
): ReadonlyArray<MetadataRecord> => {
  const record = (name: string, value: string | null): MetadataRecord => ({
    type: "ConfigRecord",
    value: { resourceType, resourceName, name, value }
  })
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => record(name, null))
  const set = [...after].filter(([name, value]) => before.get(name) !== value).map(([name, value]) =>
    record(name, value)
  )
  return [...gone, ...set]
}

const decideAll = (
  image: MetadataImage,
  resources: ReadonlyArray<Resource>,
  validateOnly: boolean,
  context: DecisionContext
): Decision<ReadonlyArray<Outcome>> => {
  const records: Array<MetadataRecord> = []
  const keys = resources.map(({ name, type }) => `${type}:${name}`)
  const responses: Array<Outcome> = []
  for (const [i, resource] of resources.entries()) {
    const key = keys[i]!
    const decided = keys.indexOf(key) === keys.lastIndexOf(key)
      ? decideResource(image, resource, context)
      : refusal(ErrorCode.INVALID_REQUEST, "Each resource must appear at most once.")
    const refused = "code" in decided
    if (!refused && !validateOnly) records.push(...decided)
    responses.push({
      errorCode: refused ? decided.code : 0,
      errorMessage: refused ? decided.message : null,
      resourceType: resource.type,
      resourceName: resource.name
    })
  }
  return { records, response: responses }
}

/**
 * Changes single settings of resources.
 *
 * @since 0.1.0
 */
export const incrementalAlterConfigs = (
  image: MetadataImage,
  { resources, validateOnly }: IncrementalAlterConfigsRequest,
  context: DecisionContext
): Decision<IncrementalAlterConfigsResponse> => {
  const { records, response } = decideAll(
    image,
    resources.map(({ configs, resourceName, resourceType }) => ({
      type: resourceType,
      name: resourceName,
      changes: configs.map(({ configOperation, name, value }) => ({ name, operation: configOperation, value })),
      replaces: false
    })),
    validateOnly,
    context
  )
  return { records, response: { throttleTimeMs: 0, responses: response } }
}

/**
 * Replaces all settings of resources.
 *
 * @since 0.1.0
 */
export const alterConfigs = (
  image: MetadataImage,
  { resources, validateOnly }: AlterConfigsRequest,
  context: DecisionContext
): Decision<AlterConfigsResponse> => {
  const { records, response } = decideAll(
    image,
    resources.map(({ configs, resourceName, resourceType }) => ({
      type: resourceType,
      name: resourceName,
      changes: configs.map(({ name, value }) => ({ name, operation: Operation.set, value })),
      replaces: true
    })),
    validateOnly,
    context
  )
  return { records, response: { throttleTimeMs: 0, responses: response } }
}
