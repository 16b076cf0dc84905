/**
 * Stores that processors keep between records: typed handles, from which a topology makes a store for each task.
 *
 * What it keeps true: a handle is a value, the one used by several processors is one store, which they share; a topology has
 * the stores that its processors name, and no others.
 * What it leaves to others: what a store can do (`store/`), where it is kept (the runtime).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { Covariant } from "effect/Types"
import type * as Serde from "../serde/Serde.ts"
import { phantom } from "./internal/phantom.ts"
import type { StoreDefinition, StoreShape } from "./logical/store.ts"
import { logConfig, type Logging } from "./Options.ts"
import type { StoreFormat, StoreType } from "./ResolvedTopology.ts"
import type {
  KeyValueStore,
  TimestampedKeyValueStore,
  TimestampedKeyValueStoreWithHeaders
} from "./store/KeyValueStore.ts"
import type { SessionStore, SessionStoreWithHeaders } from "./store/SessionStore.ts"
import type { VersionedKeyValueStore } from "./store/VersionedKeyValueStore.ts"
import type { TimestampedWindowStore, TimestampedWindowStoreWithHeaders, WindowStore } from "./store/WindowStore.ts"

export type * from "./store/KeyValueStore.ts"
export type * from "./store/SessionStore.ts"
export * from "./store/VersionedKeyValueStore.ts"
export type * from "./store/WindowStore.ts"

/**
 * A handle of a store that opens as `S`. `isDeclared` false: another part of the topology makes the store.
 *
 * @since 0.1.0
 */
export interface StateStore<out S> {
  readonly _tag: "StateStore"
  readonly name: string
  readonly definition: StoreDefinition
  readonly isDeclared: boolean
  readonly "~opens": Covariant<S>
}

/**
 * A handle of whatever store.
 *
 * @since 0.1.0
 */
export type Any = StateStore<unknown>

/**
 * What a handle opens as.
 *
 * @since 0.1.0
 */
export type Opened<H> = H extends StateStore<infer S> ? S : never

/**
 * What every store is told.
 *
 * @since 0.1.0
 */
export interface Options<in out K, in out V> {
  /** Its changelog is named after it, and it can be queried by it. */
  readonly name: string
  readonly key: Serde.Serde<K>
  readonly value: Serde.Serde<V>
  /** Where it is kept (`persistent`). */
  readonly type?: StoreType | undefined
  /** True: what is put is written, and logged, when the app commits (false). */
  readonly caching?: boolean | undefined
  /** False: no changelog, so the content is lost with the instance (true); settings: the changelog has these besides. */
  readonly logging?: Logging | undefined
}

/**
 * What a window store is told besides.
 *
 * @since 0.1.0
 */
export interface WindowOptions<in out K, in out V> extends Options<K, V> {
  /** How long windows stay after the start of the latest. */
  readonly retention: Duration.Input
  readonly windowSize: Duration.Input
}

/**
 * What a session store is told besides.
 *
 * @since 0.1.0
 */
export interface SessionOptions<in out K, in out V> extends Options<K, V> {
  /** How long sessions stay after the end of the latest. */
  readonly retention: Duration.Input
}

const make = <K, V, S>(options: Options<K, V>, shape: StoreShape): StateStore<S> => {
  const { caching = false, key, logging, name, type = "persistent", value } = options
  const definition = { name, key, value, type, caching, logConfig: logConfig(logging), shape }
  return { _tag: "StateStore", name, definition, isDeclared: true, "~opens": phantom }
}

const keyed = <K, V, S>(options: Options<K, V>, format: StoreFormat): StateStore<S> =>
  make(options, { _tag: "KeyValue", format, entriesMax: undefined })

const windowed = <K, V, S>(
  options: WindowOptions<K, V>,
  format: StoreFormat,
  retainDuplicates: boolean
): StateStore<S> => {
  const retentionMs = Duration.toMillis(options.retention)
  const windowSizeMs = Duration.toMillis(options.windowSize)
  return make(options, { _tag: "Window", format, retentionMs, windowSizeMs, retainDuplicates })
}

/**
 * Keys to values.
 *
 * @since 0.1.0
 */
export const keyValue = <K, V>(options: Options<K, V>): StateStore<KeyValueStore<K, V>> => keyed(options, "Plain")

/**
 * Keys to values with timestamps, as the store of a table.
 *
 * @since 0.1.0
 */
export const timestampedKeyValue = <K, V>(options: Options<K, V>): StateStore<TimestampedKeyValueStore<K, V>> =>
  keyed(options, "Timestamped")

/**
 * Keys to values with timestamps and headers.
 *
 * @since 0.1.0
 */
export const timestampedKeyValueWithHeaders = <K, V>(
  options: Options<K, V>
): StateStore<TimestampedKeyValueStoreWithHeaders<K, V>> => keyed(options, "WithHeaders")

/**
 * Keys to values in memory, at most `entriesMax` of them: those go that were not used for the longest time.
 *
 * @since 0.1.0
 */
export const lruMap = <K, V>(
  options: Omit<Options<K, V>, "type"> & { readonly entriesMax: number }
): StateStore<KeyValueStore<K, V>> =>
  make({ ...options, type: "memory" }, { _tag: "KeyValue", format: "Plain", entriesMax: options.entriesMax })

/**
 * Keys to values by time, on disk. `historyRetention`: how far back values can be asked for and put; `segmentInterval`: how
 * much of the history is forgotten at once.
 *
 * @since 0.1.0
 */
export const versionedKeyValue = <K, V>(
  options: Omit<Options<K, V>, "type" | "caching"> & {
    readonly historyRetention: Duration.Input
    readonly segmentInterval?: Duration.Input | undefined
  }
): StateStore<VersionedKeyValueStore<K, V>> => {
  const { historyRetention, segmentInterval } = options
  return make(options, {
    _tag: "Versioned",
    historyRetentionMs: Duration.toMillis(historyRetention),
    segmentIntervalMs: segmentInterval === undefined ? undefined : Duration.toMillis(segmentInterval)
  })
}

/**
 * Keys and windows to values. `retainDuplicates`: all values of a window are kept, not only the last (false).
 *
 * @since 0.1.0
 */
export const window = <K, V>(
  options: WindowOptions<K, V> & { readonly retainDuplicates?: boolean | undefined }
): StateStore<WindowStore<K, V>> => windowed(options, "Plain", options.retainDuplicates ?? false)

/**
 * Keys and windows to values with timestamps, as the store of a windowed table.
 *
 * @since 0.1.0
 */
export const timestampedWindow = <K, V>(options: WindowOptions<K, V>): StateStore<TimestampedWindowStore<K, V>> =>
  windowed(options, "Timestamped", false)

/**
 * Keys and windows to values with timestamps and headers.
 *
 * @since 0.1.0
 */
export const timestampedWindowWithHeaders = <K, V>(
  options: WindowOptions<K, V>
): StateStore<TimestampedWindowStoreWithHeaders<K, V>> => windowed(options, "WithHeaders", false)

/**
 * Keys and sessions to aggregates.
 *
 * @since 0.1.0
 */
export const session = <K, V>(options: SessionOptions<K, V>): StateStore<SessionStore<K, V>> =>
  make(options, { _tag: "Session", format: "Plain", retentionMs: Duration.toMillis(options.retention) })

/**
 * Keys and sessions to aggregates with headers.
 *
 * @since 0.1.0
 */
export const sessionWithHeaders = <K, V>(options: SessionOptions<K, V>): StateStore<SessionStoreWithHeaders<K, V>> =>
  make(options, { _tag: "Session", format: "WithHeaders", retentionMs: Duration.toMillis(options.retention) })

/**
 * The store of that name and kind which another part of the topology makes: a table that was named with `as`, or a global
 * store. A topology where nothing makes it is refused (`UnknownStore`).
 *
 * @since 0.1.0
 */
export const existing = <S>(store: StateStore<S>): StateStore<S> => ({ ...store, isDeclared: false })
