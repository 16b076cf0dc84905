/**
 * The settings of topics: what may be set, and what holds for a topic that sets some of them.
 *
 * Keeps true: every setting has a value; what a topic does not set is taken from the broker, and then from Kafka's default.
 * Leaves to others: the list of settings and the check of one value (`storage/LogConfig`), storing what was set (the
 * controller), acting on it (storage).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as LogConfig from "../../storage/LogConfig.ts"
import { type BrokerConfig, ConfigSource, type Synonym } from "./BrokerConfig.ts"
import { parseList } from "./ConfigDef.ts"

type Overrides = ReadonlyMap<string, string>

/**
 * The text of a topic's setting.
 *
 * @since 0.1.0
 */
export const text = (broker: BrokerConfig, overrides: Overrides, name: string): string => {
  const definition = LogConfig.definitions.get(name)
  return overrides.get(name) ?? broker.first(definition?.synonyms ?? []) ?? definition?.default ?? ""
}

/**
 * What a log of this topic does with its records. The overrides were checked when they were set.
 *
 * @since 0.1.0
 */
export const logConfig = (broker: BrokerConfig, overrides: Overrides): LogConfig.LogConfig => {
  const values: Record<string, string> = {}
  for (const [name, definition] of LogConfig.definitions) {
    const value = overrides.get(name) ?? broker.first(definition.synonyms)
    if (value !== null && value !== undefined) values[name] = value
  }
  return Result.getOrElse(LogConfig.parse(values), () => LogConfig.defaults)
}

/**
 * The values of a topic's setting, the one that counts first: what the topic sets, then the broker setting of the same
 * meaning. A broker setting in another unit is not among them, as in Kafka.
 *
 * @since 0.1.0
 */
export const synonyms = (broker: BrokerConfig, overrides: Overrides, name: string): ReadonlyArray<Synonym> => {
  const own = overrides.get(name)
  const server = LogConfig.definitions.get(name)?.synonyms[0]
  const inherited = server === undefined ? [] : broker.synonyms(server)
  return own === undefined ? inherited : [{ name, value: own, source: ConfigSource.topic }, ...inherited]
}

/**
 * Null if a topic may have these settings on this broker, otherwise what is wrong with the first that it may not.
 *
 * @since 0.1.0
 */
export const checkAll = (broker: BrokerConfig, overrides: Overrides): string | null => {
  for (const [name, value] of overrides) {
    const checked = LogConfig.validate(name, value)
    if (Result.isFailure(checked)) return checked.failure.message
  }
  return checkTogether(broker, overrides)
}

/** What no setting says alone. */
const checkTogether = (broker: BrokerConfig, overrides: Overrides): string | null => {
  const minLagMs = Number(text(broker, overrides, "min.compaction.lag.ms"))
  const maxLagMs = Number(text(broker, overrides, "max.compaction.lag.ms"))
  if (minLagMs > maxLagMs) {
    return `conflict topic config setting min.compaction.lag.ms (${minLagMs}) > max.compaction.lag.ms (${maxLagMs})`
  }
  if (text(broker, overrides, "remote.storage.enable").toLowerCase() === "true") {
    return parseList(text(broker, overrides, "cleanup.policy")).includes("compact")
      ? "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list."
      : "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
  }
  return null
}
