/**
 * DescribeConfigs (key 32): the settings of topics and brokers, and where each value comes from (KIP-133, KIP-226, KIP-569).
 *
 * Settings of brokers that only say what they are for are described as those of topics are. Groups and client metrics are
 * not served yet and refused as an unknown type is; there are no broker loggers.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import { DescribeConfigsRequest, DescribeConfigsResponse } from "@millrace/core/protocol/messages/DescribeConfigs"
import * as Effect from "effect/Effect"
import { type BrokerConfig, ConfigSource, type Synonym } from "../coordination/controller/BrokerConfig.ts"
import { brokerConfigs } from "../coordination/controller/BrokerConfigTable.ts"
import { type ConfigType, typeCode } from "../coordination/controller/ConfigDef.ts"
import { Controller } from "../coordination/controller/Controller.ts"
import { ConfigResource, type MetadataImage } from "../coordination/controller/MetadataImage.ts"
import { Node } from "../coordination/controller/Node.ts"
import * as TopicConfig from "../coordination/controller/TopicConfig.ts"
import { topicConfigDocumentation } from "../coordination/controller/TopicConfigDocumentation.ts"
import * as TopicName from "../coordination/controller/TopicName.ts"
import * as LogConfig from "../storage/LogConfig.ts"
import * as Handler from "./Handler.ts"

type Resource = DescribeConfigsRequest["resources"][number]
type Result = Message.Input<typeof DescribeConfigsResponse>["results"][number]
type Config = Result["configs"][number]

/** A setting as it is described, whatever it belongs to. */
interface Described {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly type: ConfigType
  readonly synonyms: ReadonlyArray<Synonym>
  readonly documentation: string
}

const configOf = (described: Described, request: DescribeConfigsRequest): Config => {
  const isSensitive = described.type === "password"
  const shown = (value: string | null) => isSensitive ? null : value
  return {
    name: described.name,
    value: shown(described.value),
    readOnly: described.readOnly,
    configSource: described.synonyms[0]?.source ?? ConfigSource.default,
    isSensitive,
    synonyms: request.includeSynonyms
      ? described.synonyms.map(({ name, source, value }) => ({ name, value: shown(value), source }))
      : [],
    configType: typeCode[described.type],
    documentation: request.includeDocumentation ? described.documentation : null
  }
}

const topicSettings = (config: BrokerConfig, image: MetadataImage, topic: string): ReadonlyArray<Described> => {
  const overrides = image.config(ConfigResource.topic, topic)
  return [...LogConfig.definitions.values()].filter(({ shown }) => shown).map(({ name, type }) => ({
    name,
    value: TopicConfig.text(config, overrides, name),
    readOnly: false,
    type: type.toLowerCase() as ConfigType,
    synonyms: TopicConfig.synonyms(config, overrides, name),
    documentation: topicConfigDocumentation.get(name) ?? ""
  }))
}

const brokerSettings = (config: BrokerConfig): ReadonlyArray<Described> =>
  [...brokerConfigs.values()].filter(({ hidden }) => !hidden).map((def) => ({
    name: def.name,
    value: config.text(def.name),
    readOnly: def.updateMode === "read-only",
    type: def.type,
    synonyms: config.synonyms(def.name),
    documentation: def.documentation
  }))

/** What was set for all brokers together. */
const clusterSettings = (image: MetadataImage): ReadonlyArray<Described> =>
  [...image.config(ConfigResource.broker, "")].map(([name, value]) => ({
    name,
    value,
    readOnly: false,
    type: brokerConfigs.get(name)?.type ?? "string",
    synonyms: [{ name, value, source: ConfigSource.dynamicDefaultBroker }],
    documentation: brokerConfigs.get(name)?.documentation ?? ""
  }))

/**
 * The handler of DescribeConfigs.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  Effect.gen(function*() {
    const { image } = yield* Controller
    const { config, id } = yield* Node

    const settingsOf = ({ resourceName: name, resourceType: type }: Resource): ReadonlyArray<Described> | Refusal => {
      if (type === ConfigResource.topic) {
        if (TopicName.check(name) !== null) {
          return { code: ErrorCode.INVALID_TOPIC_EXCEPTION, message: TopicName.check(name) }
        }
        return image.topics.has(name)
          ? topicSettings(config, image, name)
          : { code: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: null }
      }
      if (type === ConfigResource.broker) {
        if (name === "") return clusterSettings(image)
        return name === String(id)
          ? brokerSettings(config)
          : {
            code: ErrorCode.INVALID_REQUEST,
            message: `Unexpected broker id, expected ${id} or empty string, but received ${name}`
          }
      }
      return { code: ErrorCode.INVALID_REQUEST, message: `Settings of resources of type ${type} can't be described.` }
    }

    const describe = (resource: Resource, request: DescribeConfigsRequest): Result => {
      const { configurationKeys, resourceName, resourceType } = resource
      const settings = settingsOf(resource)
      if ("code" in settings) {
        return { errorCode: settings.code, errorMessage: settings.message, resourceType, resourceName, configs: [] }
      }
      const asked = configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys)
      const configs = settings.filter(({ name }) => asked === null || asked.has(name))
      return {
        errorCode: 0,
        errorMessage: "",
        resourceType,
        resourceName,
        configs: configs.map((described) => configOf(described, request))
      }
    }

    return (request) =>
      Effect.sync(() => ({
        throttleTimeMs: 0,
        results: request.resources.map((resource) => describe(resource, request))
      }))
  })
)

interface Refusal {
  readonly code: number
  readonly message: string | null
}
