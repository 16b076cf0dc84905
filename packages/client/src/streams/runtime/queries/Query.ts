/**
 * Queries of stores, as plain data: a store is named once, with its types, and what is asked of it is what its readers have.
 *
 * **Example**
 *
 * ```ts
 * const counts = Query.keyValueStore<string, number>("counts")
 * const program = Effect.gen(function*() {
 *   const app = yield* StreamsApp.StreamsApp
 *   const written = yield* producer.send(words, { key: "a", value: "a" })
 *   const { value } = yield* app.query(counts.get("a"), { bound: Position.of(written), waitUpTo: "5 seconds" })
 * })
 * ```
 *
 * Leaves to others: who is asked (`QueryRouter`), how a store finds it (`RawQuery`).
 *
 * @since 0.1.0
 */
import type { Erased } from "@millrace/core/serde/Erased"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as Windowed from "@millrace/core/serde/Windowed"
import type { Entry, ValueAndTimestamp, VersionedValue } from "../../engine/stores/StoreReader.ts"
import { type Kind, type RawEntry, type RawQuery, timeMax } from "./RawQuery.ts"

/**
 * A query of a store, about one key or all.
 *
 * @since 0.1.0
 */
export interface Query<out A> {
  readonly store: string
  readonly kind: Kind
  /** The key that it is about, which decides the partition; undefined: about all partitions. */
  readonly key: { readonly value: unknown } | undefined
  /** In bytes; throws `SerdeError`. */
  readonly encodeUnsafe: (definition: Resolved.StateStore) => RawQuery
  /** What an entry says; throws `SerdeError`. */
  readonly decodeUnsafe: (definition: Resolved.StateStore, entry: RawEntry) => A
}

/**
 * A query that finds one value or none.
 *
 * @since 0.1.0
 */
export interface One<out A> extends Query<A> {
  readonly _tag: "One"
}

/**
 * A query that finds any number of entries.
 *
 * @since 0.1.0
 */
export interface Many<out A> extends Query<A> {
  readonly _tag: "Many"
}

/**
 * What can be asked of a key-value store.
 *
 * @since 0.1.0
 */
export interface KeyValueQueries<in out K, out V> {
  readonly get: (key: K) => One<ValueAndTimestamp<V>>
  /** Entries from `from` to `to`, both included; undefined is no bound. In the order of the key bytes, by partition. */
  readonly range: (from?: K, to?: K) => Many<Entry<K, V>>
  /** The same, the largest key of each partition first. */
  readonly reverseRange: (from?: K, to?: K) => Many<Entry<K, V>>
  /** Entries whose key bytes begin with those of `prefix`. */
  readonly prefixScan: <P>(prefix: NonNullable<P>, serde: Serde.Serde<P>) => Many<Entry<K, V>>
}

/**
 * What can be asked of a window store. Times are window starts, in milliseconds, both included.
 *
 * @since 0.1.0
 */
export interface WindowQueries<in out K, out V> {
  readonly get: (key: K, windowStart: number) => One<ValueAndTimestamp<V>>
  readonly fetch: (key: K, from: number, to: number) => Many<Entry<Windowed.Windowed<K>, V>>
  /** The same, the latest first. */
  readonly backwardFetch: (key: K, from: number, to: number) => Many<Entry<Windowed.Windowed<K>, V>>
  /** Of the keys from `keyFrom` to `keyTo` (undefined: no bound), in the order of the store, by partition. */
  readonly fetchRange: (
    keyFrom: K | undefined,
    keyTo: K | undefined,
    from: number,
    to: number
  ) => Many<Entry<Windowed.Windowed<K>, V>>
  readonly fetchAll: (from: number, to: number) => Many<Entry<Windowed.Windowed<K>, V>>
}

/**
 * What can be asked of a session store.
 *
 * @since 0.1.0
 */
export interface SessionQueries<in out K, out V> {
  /** Sessions of a key, the earliest first. */
  readonly fetch: (key: K) => Many<Entry<Windowed.Windowed<K>, V>>
  /** Those that end at `earliestEnd` or later and start at `latestStart` or earlier, in milliseconds. */
  readonly findSessions: (
    key: K,
    earliestEnd: number,
    latestStart: number
  ) => Many<Entry<Windowed.Windowed<K>, V>>
  /** In the order of the store, by partition. */
  readonly all: () => Many<Entry<Windowed.Windowed<K>, V>>
}

/**
 * What can be asked of a versioned store.
 *
 * @since 0.1.0
 */
export interface VersionedQueries<in K, out V> {
  /** The latest value, or the one that was valid at a time; nothing if the history of that time is not retained. */
  readonly get: (key: K, asOf?: number) => One<VersionedValue<V>>
  /** What the store has of a key that was valid at some time from `from` to `to` (no bound), the oldest first. */
  readonly versions: (key: K, from?: number, to?: number) => Many<VersionedValue<V>>
  /** The same, the latest first. */
  readonly backwardVersions: (key: K, from?: number, to?: number) => Many<VersionedValue<V>>
}

const bound = <K>(serde: Serde.Any, key: K | undefined): Uint8Array | null =>
  key === undefined ? null : serde.serializeUnsafe(key as Erased)

/** No key, no bounds. */
const unbounded = { key: null, keyTo: null, from: -timeMax, to: timeMax, isReverse: false } as const

const valueOf = <V>({ value: serde }: Resolved.StateStore, { timestamp, value }: RawEntry): ValueAndTimestamp<V> => ({
  value: serde.deserializeUnsafe(value) as V,
  timestamp
})

const entryOf = <K, V>(definition: Resolved.StateStore, entry: RawEntry): Entry<K, V> => ({
  key: definition.key.deserializeUnsafe(entry.key) as K,
  ...valueOf<V>(definition, entry)
})

const windowedEntryOf = <K, V>(
  definition: Resolved.StateStore,
  entry: RawEntry
): Entry<Windowed.Windowed<K>, V> => {
  const end = definition._tag === "Window" ? entry.start + definition.windowSizeMs : entry.end
  return {
    key: Windowed.make(definition.key.deserializeUnsafe(entry.key) as K, entry.start, end),
    ...valueOf<V>(definition, entry)
  }
}

const versionOf = <V>(definition: Resolved.StateStore, entry: RawEntry): VersionedValue<V> => ({
  ...valueOf<V>(definition, entry),
  validTo: entry.end === timeMax ? undefined : entry.end
})

/** A query about one key. */
const about = <A>(
  store: string,
  kind: Kind,
  key: unknown,
  decodeUnsafe: Query<A>["decodeUnsafe"],
  more: Partial<RawQuery> = {}
): Query<A> => ({
  store,
  kind,
  key: { value: key },
  encodeUnsafe: (definition) => ({ ...unbounded, ...more, kind, key: bound(definition.key, key) }),
  decodeUnsafe
})

const one = <A>(query: Query<A>): One<A> => ({ ...query, _tag: "One" })

const many = <A>(query: Query<A>): Many<A> => ({ ...query, _tag: "Many" })

/** A query about the keys from one to another. */
const between = <K, A>(
  store: string,
  kind: Kind,
  from: K | undefined,
  to: K | undefined,
  decodeUnsafe: Query<A>["decodeUnsafe"],
  more: Partial<RawQuery> = {}
): Many<A> => ({
  _tag: "Many",
  store,
  kind,
  key: undefined,
  encodeUnsafe: ({ key: serde }) => ({
    ...unbounded,
    ...more,
    kind,
    key: bound(serde, from),
    keyTo: bound(serde, to)
  }),
  decodeUnsafe
})

/**
 * The queries of a key-value store of this name.
 *
 * @since 0.1.0
 */
export const keyValueStore = <K, V>(store: string): KeyValueQueries<K, V> => ({
  get: (key) => one(about(store, "get", key, valueOf<V>)),
  range: (from, to) => between(store, "range", from, to, entryOf<K, V>),
  reverseRange: (from, to) => between(store, "range", from, to, entryOf<K, V>, { isReverse: true }),
  prefixScan: (prefix, serde) => ({
    _tag: "Many",
    store,
    kind: "prefixScan",
    key: undefined,
    encodeUnsafe: () => ({ ...unbounded, kind: "prefixScan", key: serde.serializeUnsafe(prefix) }),
    decodeUnsafe: entryOf<K, V>
  })
})

/**
 * The queries of a window store of this name.
 *
 * @since 0.1.0
 */
export const windowStore = <K, V>(store: string): WindowQueries<K, V> => {
  const fetch = (key: K, from: number, to: number, isReverse: boolean) =>
    many(about(store, "windowFetch", key, windowedEntryOf<K, V>, { ...times(from, to), isReverse }))
  const fetchRange = (keyFrom: K | undefined, keyTo: K | undefined, from: number, to: number) =>
    between(store, "windowFetchRange", keyFrom, keyTo, windowedEntryOf<K, V>, times(from, to))
  return {
    get: (key, windowStart) => one(about(store, "windowGet", key, valueOf<V>, { from: windowStart })),
    fetch: (key, from, to) => fetch(key, from, to, false),
    backwardFetch: (key, from, to) => fetch(key, from, to, true),
    fetchRange,
    fetchAll: (from, to) => fetchRange(undefined, undefined, from, to)
  }
}

/** Infinite times are as far as the protocol goes. */
const times = (from: number, to: number): Pick<RawQuery, "from" | "to"> => ({
  from: Math.max(from, -timeMax),
  to: Math.min(to, timeMax)
})

/**
 * The queries of a session store of this name.
 *
 * @since 0.1.0
 */
export const sessionStore = <K, V>(store: string): SessionQueries<K, V> => {
  const findSessions = (key: K, earliestEnd: number, latestStart: number) =>
    many(about(store, "sessionFind", key, windowedEntryOf<K, V>, times(earliestEnd, latestStart)))
  return {
    fetch: (key) => findSessions(key, -timeMax, timeMax),
    findSessions,
    all: () => between<K, Entry<Windowed.Windowed<K>, V>>(store, "sessionAll", undefined, undefined, windowedEntryOf)
  }
}

/**
 * The queries of a versioned store of this name.
 *
 * @since 0.1.0
 */
export const versionedStore = <K, V>(store: string): VersionedQueries<K, V> => {
  const versions = (isReverse: boolean) => (key: K, from = -timeMax, to = timeMax) =>
    many(about(store, "versions", key, versionOf<V>, { ...times(from, to), isReverse }))
  return {
    get: (key, asOf = timeMax) => one(about(store, "versionedGet", key, versionOf<V>, { to: asOf })),
    versions: versions(false),
    backwardVersions: versions(true)
  }
}

/**
 * Which kind of store answers a query.
 *
 * @since 0.1.0
 */
export const storeKinds: Readonly<Record<Kind, Resolved.StateStore["_tag"]>> = {
  get: "KeyValue",
  range: "KeyValue",
  prefixScan: "KeyValue",
  windowGet: "Window",
  windowFetch: "Window",
  windowFetchRange: "Window",
  sessionFind: "Session",
  sessionAll: "Session",
  versionedGet: "Versioned",
  versions: "Versioned"
}
