/**
 * The settings of internal topics: Kafka Streams' own, the app's for all of them (`topic.…`), and those of one changelog, each
 * before the one after it. What a changelog must keep for its store comes after the app's settings, as in Kafka.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { LogConfig } from "../LogicalNode.ts"

/**
 * What an app says of all its internal topics.
 *
 * @since 0.1.0
 */
export interface TopicConfigs {
  readonly all: Readonly<Record<string, string>>
  /** What is added to the retention of windowed changelogs, so that clocks may differ. */
  readonly additionalRetentionMs: number
}

/**
 * What a changelog is for. `Compacted`: the last value of each key. `Windowed`: that, for as long as windows stay.
 * `Duplicates`: records that never take the place of others. `Versioned`: each version, for as long as it can be asked for.
 *
 * @since 0.1.0
 */
export type Changelog = { readonly config: Readonly<Record<string, string>> } & Purpose

type Purpose =
  | { readonly _tag: "Compacted" }
  | { readonly _tag: "Windowed" | "Duplicates"; readonly retentionMs: number }
  | { readonly _tag: "Versioned"; readonly historyRetentionMs: number }

/**
 * A day: what Kafka adds to the retention of windowed changelogs, and of histories.
 *
 * @since 0.1.0
 */
export const additionalRetentionMs = 24 * 60 * 60 * 1000

/**
 * What an app says, from its options.
 *
 * @since 0.1.0
 */
export const make = (
  all: Readonly<Record<string, string>> = {},
  additionalRetention: Duration.Input = additionalRetentionMs
): TopicConfigs => ({ all, additionalRetentionMs: Duration.toMillis(additionalRetention) })

/**
 * A store's changelog; undefined if the store has none.
 *
 * @since 0.1.0
 */
export const logged = (config: LogConfig, purpose: Purpose): Changelog | undefined =>
  config === undefined ? undefined : { ...purpose, config }

const ofAll = { "message.timestamp.type": "CreateTime" } as const

/**
 * The settings of a repartition topic.
 *
 * @since 0.1.0
 */
export const repartition = ({ all }: TopicConfigs): Readonly<Record<string, string>> => ({
  ...ofAll,
  "cleanup.policy": "delete",
  "retention.ms": "-1",
  "segment.bytes": "52428800",
  ...all
})

/**
 * The settings of a changelog.
 *
 * @since 0.1.0
 */
export const changelog = (configs: TopicConfigs, changelog: Changelog): Readonly<Record<string, string>> => {
  const { config } = changelog
  switch (changelog._tag) {
    case "Compacted":
      return { ...ofAll, "cleanup.policy": "compact", ...configs.all, ...config }
    case "Versioned": {
      const lag = milliseconds(changelog.historyRetentionMs + additionalRetentionMs)
      return { ...ofAll, "cleanup.policy": "compact", ...configs.all, "min.compaction.lag.ms": lag, ...config }
    }
    case "Windowed":
      return {
        ...ofAll,
        "cleanup.policy": "compact,delete",
        ...configs.all,
        ...retention(configs, changelog),
        ...config
      }
    case "Duplicates":
      return { ...ofAll, ...configs.all, ...retention(configs, changelog), "cleanup.policy": "delete", ...config }
  }
}

const retention = (
  { additionalRetentionMs }: TopicConfigs,
  { retentionMs }: { readonly retentionMs: number }
): Readonly<Record<string, string>> => ({ "retention.ms": milliseconds(retentionMs + additionalRetentionMs) })

const longMax = "9223372036854775807"

const milliseconds = (time: number): string => time === Number.POSITIVE_INFINITY ? longMax : String(time)
