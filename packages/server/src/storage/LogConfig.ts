/**
 * The configuration of a log: Kafka's topic configurations by their own names, checked and typed.
 *
 * Keeps true: what `parse` returns satisfies every rule of `definitions`; defaults are Kafka's.
 * Leaves to others: where values come from (topic overrides, broker settings, in that order).
 *
 * @since 0.1.0
 */
import { Codec, type CodecName, levels } from "@millrace/core/records/Compression"
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/**
 * A configuration value that cannot be used, in Kafka's words.
 *
 * @since 0.1.0
 */
export class LogConfigError extends Data.TaggedError("LogConfigError")<{
  readonly name: string
  readonly message: string
}> {}

/**
 * Kafka's name for the type of a configuration.
 *
 * @since 0.1.0
 */
export type ConfigType = "BOOLEAN" | "STRING" | "INT" | "LONG" | "DOUBLE" | "LIST"

/**
 * One topic configuration: `default` is null where Kafka has none; `synonyms` are the broker's names for it, in the
 * order in which they are asked; `atLeast`, `atMost` and `oneOf` bound its values, `also` is allowed beside them.
 *
 * @since 0.1.0
 */
export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  readonly default: string | null
  readonly synonyms: ReadonlyArray<string>
  readonly shown: boolean
  readonly atLeast?: number
  readonly atMost?: number
  readonly also?: number
  readonly oneOf?: ReadonlyArray<string>
}

const longMax = "9223372036854775807"

const define = (
  name: string,
  type: ConfigType,
  value: string | null,
  synonyms: string,
  rules: Partial<ConfigDefinition> = {}
): ConfigDefinition => ({
  name,
  type,
  default: value,
  synonyms: synonyms === "" ? [] : synonyms.split(" "),
  shown: true,
  ...rules
})

/** The level of a codec: the levels that there are of it, and its default, which may be none of them. */
const defineLevel = (codec: CodecName): ConfigDefinition => {
  const name = `compression.${codec}.level`
  const { default: value, max, min } = levels[Codec[codec]]!
  return define(name, "INT", String(value), name, {
    atLeast: min,
    atMost: max,
    ...(value < min || value > max ? { also: value } : {})
  })
}

const compressionTypes = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]

/**
 * Every topic configuration of Kafka 4.3, by name.
 *
 * @since 0.1.0
 */
export const definitions: ReadonlyMap<string, ConfigDefinition> = new Map(
  [
    define("cleanup.policy", "LIST", "delete", "log.cleanup.policy", { oneOf: ["compact", "delete"] }),
    defineLevel("gzip"),
    defineLevel("lz4"),
    define("compression.type", "STRING", "producer", "compression.type", { oneOf: compressionTypes }),
    defineLevel("zstd"),
    define("delete.retention.ms", "LONG", "86400000", "log.cleaner.delete.retention.ms", { atLeast: 0 }),
    define("file.delete.delay.ms", "LONG", "60000", "log.segment.delete.delay.ms", { atLeast: 0 }),
    define("flush.messages", "LONG", longMax, "log.flush.interval.messages", { atLeast: 1 }),
    define("flush.ms", "LONG", longMax, "log.flush.interval.ms log.flush.scheduler.interval.ms", { atLeast: 0 }),
    define("follower.replication.throttled.replicas", "LIST", "", ""),
    define("index.interval.bytes", "INT", "4096", "log.index.interval.bytes", { atLeast: 0 }),
    define("internal.segment.bytes", "INT", null, "", { shown: false, atLeast: 1 }),
    define("leader.replication.throttled.replicas", "LIST", "", ""),
    define("local.retention.bytes", "LONG", "-2", "log.local.retention.bytes", { atLeast: -2 }),
    define("local.retention.ms", "LONG", "-2", "log.local.retention.ms", { atLeast: -2 }),
    define("max.compaction.lag.ms", "LONG", longMax, "log.cleaner.max.compaction.lag.ms", { atLeast: 1 }),
    define("max.message.bytes", "INT", "1048588", "message.max.bytes", { atLeast: 0 }),
    define("message.timestamp.after.max.ms", "LONG", "3600000", "log.message.timestamp.after.max.ms", { atLeast: 0 }),
    define("message.timestamp.before.max.ms", "LONG", longMax, "log.message.timestamp.before.max.ms", { atLeast: 0 }),
    define("message.timestamp.type", "STRING", "CreateTime", "log.message.timestamp.type", {
      oneOf: ["CreateTime", "LogAppendTime"]
    }),
    define("min.cleanable.dirty.ratio", "DOUBLE", "0.5", "log.cleaner.min.cleanable.ratio", { atLeast: 0, atMost: 1 }),
    define("min.compaction.lag.ms", "LONG", "0", "log.cleaner.min.compaction.lag.ms", { atLeast: 0 }),
    define("min.insync.replicas", "INT", "1", "min.insync.replicas", { atLeast: 1 }),
    define("preallocate", "BOOLEAN", "false", "log.preallocate"),
    define("remote.log.copy.disable", "BOOLEAN", "false", ""),
    define("remote.log.delete.on.disable", "BOOLEAN", "false", ""),
    define("remote.storage.enable", "BOOLEAN", "false", ""),
    define("retention.bytes", "LONG", "-1", "log.retention.bytes"),
    define("retention.ms", "LONG", "604800000", "log.retention.ms log.retention.minutes log.retention.hours", {
      atLeast: -1
    }),
    define("segment.bytes", "INT", "1073741824", "log.segment.bytes", { atLeast: 1048576 }),
    define("segment.index.bytes", "INT", "10485760", "log.index.size.max.bytes", { atLeast: 4 }),
    define("segment.jitter.ms", "LONG", "0", "log.roll.jitter.ms log.roll.jitter.hours", { atLeast: 0 }),
    define("segment.ms", "LONG", "604800000", "log.roll.ms log.roll.hours", { atLeast: 1 }),
    define("unclean.leader.election.enable", "BOOLEAN", "false", "unclean.leader.election.enable")
  ].map((definition) => [definition.name, definition])
)

/**
 * What a log does with its records: sizes in bytes, times in milliseconds, -1 for "no limit" where Kafka has it so.
 * Long values beyond 2^53 are the nearest double.
 *
 * @since 0.1.0
 */
export interface LogConfig {
  readonly compact: boolean
  readonly delete: boolean
  readonly compressionType: string
  /** The level of that type's codec, where it has levels. */
  readonly compressionLevel: number | undefined
  readonly deleteRetentionMs: number
  readonly fileDeleteDelayMs: number
  readonly flushMessages: number
  readonly flushMs: number
  readonly indexIntervalBytes: number
  readonly maxCompactionLagMs: number
  readonly maxMessageBytes: number
  readonly timestampAfterMaxMs: number
  readonly timestampBeforeMaxMs: number
  readonly timestampType: "CreateTime" | "LogAppendTime"
  readonly minCleanableDirtyRatio: number
  readonly minCompactionLagMs: number
  readonly minInsyncReplicas: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
  readonly segmentJitterMs: number
  readonly segmentMs: number
  readonly uncleanLeaderElectionEnable: boolean
}

const int32Max = 2147483647
const int64Limit = 2n ** 63n

const isNumber = (type: ConfigType, text: string): boolean => {
  if (type === "DOUBLE") return text !== "" && Number.isFinite(Number(text))
  if (!/^[+-]?\d+$/.test(text)) return false
  const value = BigInt(text.replace(/^\+/, ""))
  return type === "INT"
    ? value >= -BigInt(int32Max) - 1n && value <= BigInt(int32Max)
    : value >= -int64Limit && value < int64Limit
}

/** Kafka's complaint about a value, without "Invalid value … for configuration …: ". */
const complaint = (definition: ConfigDefinition, text: string): string | undefined => {
  const { also, atLeast, atMost, oneOf, type } = definition
  if (type === "BOOLEAN") return /^(true|false)$/i.test(text) ? undefined : "Expected value to be either true or false"
  if (type === "STRING" || type === "LIST") {
    const values = type === "STRING" ? [text] : listOf(text)
    return oneOf === undefined || values.every((value) => oneOf.includes(value))
      ? undefined
      : `String must be one of: ${oneOf.join(", ")}`
  }
  if (!isNumber(type, text)) return `Not a number of type ${type}`
  const isBelow = atLeast !== undefined && Number(text) < atLeast
  const isAbove = atMost !== undefined && Number(text) > atMost
  if (Number(text) === also || !(isBelow || isAbove)) return undefined
  if (also !== undefined) return `Value must be between ${atLeast} and ${atMost} or equal to ${also}`
  return isBelow ? `Value must be at least ${atLeast}` : `Value must be no more than ${atMost}`
}

const listOf = (text: string): ReadonlyArray<string> => {
  const trimmed = text.trim()
  return trimmed === "" ? [] : trimmed.split(/\s*,\s*/)
}

/**
 * Checks one value as Kafka does; its error is worded as Kafka's.
 *
 * @since 0.1.0
 */
export const validate = (name: string, value: string): Result.Result<void, LogConfigError> => {
  const definition = definitions.get(name)
  if (definition === undefined) {
    return Result.fail(new LogConfigError({ name, message: `Unknown topic config name: ${name}` }))
  }
  const wrong = complaint(definition, value.trim())
  return wrong === undefined
    ? Result.succeed(undefined)
    : Result.fail(new LogConfigError({ name, message: `Invalid value ${value} for configuration ${name}: ${wrong}` }))
}

/**
 * Makes a configuration of Kafka's names and values; what is not named has its default.
 *
 * @since 0.1.0
 */
export const parse = (values: Readonly<Record<string, string>>): Result.Result<LogConfig, LogConfigError> => {
  for (const [name, value] of Object.entries(values)) {
    const checked = validate(name, value)
    if (Result.isFailure(checked)) return Result.fail(checked.failure)
  }
  const text = (name: string): string => (values[name] ?? definitions.get(name)?.default ?? "").trim()
  const number = (name: string): number => Number(text(name))
  const policies = listOf(text("cleanup.policy"))
  const compressionType = text("compression.type")
  const levelName = `compression.${compressionType}.level`
  const internalSegmentBytes = text("internal.segment.bytes")
  return Result.succeed({
    compact: policies.includes("compact"),
    delete: policies.includes("delete"),
    compressionType,
    compressionLevel: definitions.has(levelName) ? number(levelName) : undefined,
    deleteRetentionMs: number("delete.retention.ms"),
    fileDeleteDelayMs: number("file.delete.delay.ms"),
    flushMessages: number("flush.messages"),
    flushMs: number("flush.ms"),
    indexIntervalBytes: number("index.interval.bytes"),
    maxCompactionLagMs: number("max.compaction.lag.ms"),
    maxMessageBytes: number("max.message.bytes"),
    timestampAfterMaxMs: number("message.timestamp.after.max.ms"),
    timestampBeforeMaxMs: number("message.timestamp.before.max.ms"),
    timestampType: text("message.timestamp.type") === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    minCleanableDirtyRatio: number("min.cleanable.dirty.ratio"),
    minCompactionLagMs: number("min.compaction.lag.ms"),
    minInsyncReplicas: number("min.insync.replicas"),
    retentionBytes: number("retention.bytes"),
    retentionMs: number("retention.ms"),
    segmentBytes: internalSegmentBytes === "" ? number("segment.bytes") : Number(internalSegmentBytes),
    segmentIndexBytes: number("segment.index.bytes"),
    segmentJitterMs: number("segment.jitter.ms"),
    segmentMs: number("segment.ms"),
    uncleanLeaderElectionEnable: text("unclean.leader.election.enable").toLowerCase() === "true"
  })
}

/**
 * The configuration of a topic that names none.
 *
 * @since 0.1.0
 */
export const defaults: LogConfig = Result.getOrThrow(parse({}))
