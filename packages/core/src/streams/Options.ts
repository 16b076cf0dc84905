/**
 * Options that operators share, and how they become data.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { RecordHeader } from "../records/RecordCursor.ts"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type { LogConfig, Materialized as Data } from "./LogicalNode.ts"
import type {
  OffsetReset as OffsetResetData,
  StoreType,
  StreamPartitioner,
  TimestampExtractor
} from "./ResolvedTopology.ts"

/**
 * A name for the operator's processor, which then survives a refactoring.
 *
 * @since 0.1.0
 */
export interface Named {
  readonly name?: string | undefined
}

/**
 * A name at most: without the serde that another form of the operator takes.
 *
 * @since 0.1.0
 */
export interface Plain extends Named {
  readonly _tag?: undefined
  readonly key?: undefined
  readonly value?: undefined
}

/**
 * Whether a store has a changelog; or that it has one, and settings of the topic besides those that Kafka Streams gives it, such
 * as `{ "min.insync.replicas": "2" }` (Kafka's `withLoggingEnabled(Map)`).
 *
 * @since 0.1.0
 */
export type Logging = boolean | Readonly<Record<string, string>>

/**
 * How a table's store is kept.
 *
 * @since 0.1.0
 */
export interface Store {
  /** The store's name, by which it can be queried; its changelog is named after it. */
  readonly as?: string | undefined
  readonly storeType?: StoreType | undefined
  /** True (the default): emit the newest value of each key when the app commits, not each update. */
  readonly caching?: boolean | undefined
  /** False: no changelog, so the content is lost with the instance; settings: the changelog has these besides. */
  readonly logging?: Logging | undefined
}

/**
 * How the store of a table without windows is kept.
 *
 * @since 0.1.0
 */
export interface TableStore extends Store {
  /** Also what was: lookups of any time within the history, and out-of-order updates in their place. On disk, uncached. */
  readonly versioned?: Versioned | undefined
  /** In memory, and at most so many entries: those go that were not used for the longest time. */
  readonly entriesMax?: number | undefined
}

/**
 * How a versioned store is kept.
 *
 * @since 0.1.0
 */
export interface Versioned {
  /** How far back from the newest record values can be looked up, and updates are taken; later ones are dropped. */
  readonly historyRetention: Duration.Input
  /** What expires at once; by default, as in Kafka, a third of a short history to an hour's twelfth and a longer one's 24th. */
  readonly segmentInterval?: Duration.Input | undefined
}

/**
 * How a windowed table's store is kept.
 *
 * @since 0.1.0
 */
export interface WindowStore extends Store {
  /** How long windows stay; at least size and grace, the default. */
  readonly retention?: Duration.Input | undefined
}

/**
 * How a source is read.
 *
 * @since 0.1.0
 */
export interface Source<K, V> extends Named {
  /** The time of a record; by default its own timestamp, and a negative one fails the app. */
  readonly timestamp?: Timestamp<K, V> | undefined
  /** Where to begin without a committed offset; by default as the app says. */
  readonly offsetReset?: OffsetReset | undefined
}

/**
 * Where to begin in a partition without a committed offset: at its first record, at its end, nowhere (the app fails), or at the
 * first record that is not older than a duration, and at the end if there is none.
 *
 * @since 0.1.0
 */
export type OffsetReset = "earliest" | "latest" | "none" | { readonly byDuration: Duration.Input }

/**
 * The data of where to begin.
 *
 * @since 0.1.0
 */
export const offsetReset = (reset: OffsetReset | undefined): OffsetResetData | undefined =>
  typeof reset === "object" ? { byDurationMs: Duration.toMillis(reset.byDuration) } : reset

/**
 * A way to tell the time of a record: by name, or by a function of the record and of the partition's time so far.
 *
 * @since 0.1.0
 */
export type Timestamp<K, V> =
  | "failOnInvalid"
  | "logAndSkipOnInvalid"
  | "usePartitionTimeOnInvalid"
  | "wallClock"
  | ((record: {
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly timestamp: number
    readonly key: K | null
    readonly value: V | null
    readonly headers: ReadonlyArray<RecordHeader>
  }, partitionTime: number) => number)

/**
 * A serde for the values that an operator makes, alone or with other options.
 *
 * @since 0.1.0
 */
export type WithValue<V, O> = Serde.Serde<V> | ({ readonly value: Serde.Serde<V> } & O)

/**
 * A serde for the keys that an operator makes, alone or with other options.
 *
 * @since 0.1.0
 */
export type WithKey<K, O> = Serde.Serde<K> | ({ readonly key: Serde.Serde<K> } & O)

/**
 * Serdes of keys and values, and a name.
 *
 * @since 0.1.0
 */
export interface KeyAndValue<K, V> extends Named {
  readonly key: Serde.Serde<K>
  readonly value: Serde.Serde<V>
}

/**
 * How a sink writes its topic.
 *
 * @since 0.1.0
 */
export interface Produced<in K, in V> extends Named {
  /** Which partitions a record goes to; by default the one that its key says, of a windowed key the inner one. */
  readonly streamPartitioner?: StreamPartitioner<K, V> | undefined
}

/**
 * What an operator may have been given.
 *
 * @since 0.1.0
 */
export interface Given extends WindowStore, TableStore, Named {
  readonly key?: Serde.Any | undefined
  readonly value?: Serde.Any | undefined
}

const isSerde = (options: Serde.Any | Given): options is Serde.Any => "_tag" in options && options._tag === "Serde"

/**
 * Options whose one thing was perhaps given alone, as the serde of `what`.
 *
 * @since 0.1.0
 */
export const given = (options: Serde.Any | Given | undefined, what: "key" | "value"): Given => {
  if (options === undefined) return {}
  return isSerde(options) ? { [what]: options } : options
}

/**
 * The serdes that were given.
 *
 * @since 0.1.0
 */
export const serdes = (
  options: Given
): { readonly key: Serde.Any | undefined; readonly value: Serde.Any | undefined } => ({
  key: options.key,
  value: options.value
})

/**
 * The wishes for a store, if there are any.
 *
 * @since 0.1.0
 */
export const materialized = (options: Given): Data | undefined => {
  const { as, caching, entriesMax, key, logging, retention, storeType, value, versioned } = options
  const wishes = [as, caching, entriesMax, key, logging, retention, storeType, versioned]
  const isSerdeOnly = wishes.every((wish) => wish === undefined)
  if (isSerdeOnly && value === undefined) return undefined
  return {
    isSerdeOnly,
    as,
    key,
    value,
    storeType,
    retentionMs: retention === undefined ? undefined : Duration.toMillis(retention),
    versioned: versioned === undefined ? undefined : versionedData(versioned),
    entriesMax,
    caching: caching ?? true,
    logConfig: logConfig(logging)
  }
}

/**
 * The settings of a changelog; undefined: there is none.
 *
 * @since 0.1.0
 */
export const logConfig = (logging: Logging = true): LogConfig => {
  if (typeof logging === "object") return logging
  return logging ? {} : undefined
}

const versionedData = ({ historyRetention, segmentInterval }: Versioned): Data["versioned"] => ({
  historyRetentionMs: Duration.toMillis(historyRetention),
  segmentIntervalMs: segmentInterval === undefined ? undefined : Duration.toMillis(segmentInterval)
})

/**
 * The data of a way to tell the time.
 *
 * @since 0.1.0
 */
export const timestampExtractor = (timestamp: Timestamp<Erased, Erased> | undefined): TimestampExtractor => {
  if (timestamp === undefined) return { _tag: "Default" }
  if (typeof timestamp === "function") return { _tag: "Custom", extract: timestamp }
  return { _tag: extractors[timestamp] }
}

const extractors = {
  failOnInvalid: "FailOnInvalid",
  logAndSkipOnInvalid: "LogAndSkipOnInvalid",
  usePartitionTimeOnInvalid: "UsePartitionTimeOnInvalid",
  wallClock: "WallClock"
} as const
