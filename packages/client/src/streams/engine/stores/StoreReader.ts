/**
 * Reads stores from outside of their task: by key, or all of it, deserialised.
 *
 * Keeps true: order is that of the key bytes (windows: by start first); what is read is what the task has put so far.
 * Leaves to others: finding the task that has a key.
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import * as Windowed from "@millrace/core/serde/Windowed"
import { startsWith } from "./BytesMap.ts"
import type { KeyValueStore, Session, Stored, VersionedRecord, WindowEntry, WindowStore } from "./StateStore.ts"
import type { TaskStore } from "../TaskStores.ts"

/**
 * A value and its timestamp, in milliseconds.
 *
 * @since 0.1.0
 */
export interface ValueAndTimestamp<out V> {
  readonly value: V
  readonly timestamp: number
}

/**
 * An entry of a store.
 *
 * @since 0.1.0
 */
export interface Entry<out K, out V> extends ValueAndTimestamp<V> {
  readonly key: K
}

/**
 * Reads a key-value store.
 *
 * @since 0.1.0
 */
export interface KeyValueReader<in out K, out V> {
  readonly get: (key: K) => ValueAndTimestamp<V> | undefined
  /** Entries from `from` to `to`, both included; undefined is no bound. */
  readonly range: (from?: K, to?: K) => Iterable<Entry<K, V>>
  /** The same, the largest key first. */
  readonly reverseRange: (from?: K, to?: K) => Iterable<Entry<K, V>>
  /** Entries whose key bytes begin with those of `prefix`. */
  readonly prefixScan: <P>(prefix: NonNullable<P>, serde: Serde.Serde<P>) => Iterable<Entry<K, V>>
  readonly approximateNumEntries: () => number
}

/**
 * Reads a window store.
 *
 * @since 0.1.0
 */
export interface WindowReader<in out K, out V> {
  readonly get: (key: K, windowStart: number) => ValueAndTimestamp<V> | undefined
  /** Windows of a key that start from `from` to `to`, both included. */
  readonly fetch: (key: K, from: number, to: number) => Iterable<Entry<Windowed.Windowed<K>, V>>
  /** The same, the latest first. */
  readonly backwardFetch: (key: K, from: number, to: number) => Iterable<Entry<Windowed.Windowed<K>, V>>
  /**
   * Windows of the keys from `keyFrom` to `keyTo` (undefined: no bound) that start from `from` to `to`, all included, in the
   * order of the store.
   */
  readonly fetchRange: (
    keyFrom: K | undefined,
    keyTo: K | undefined,
    from: number,
    to: number
  ) => Iterable<Entry<Windowed.Windowed<K>, V>>
  /** The same, for all keys. */
  readonly fetchAll: (from: number, to: number) => Iterable<Entry<Windowed.Windowed<K>, V>>
}

/**
 * A reader of a key-value store; undefined if it is none.
 *
 * @since 0.1.0
 */
export const keyValue = <K, V>({ definition, store }: TaskStore): KeyValueReader<K, V> | undefined => {
  if (store.kind !== "keyValue") return undefined
  const { key: keySerde, value: valueSerde } = definition
  const inner: KeyValueStore = store
  const read = (stored: Stored): ValueAndTimestamp<V> => ({
    value: valueSerde.deserializeUnsafe(stored.value),
    timestamp: stored.timestamp
  })
  const bound = (key: K | undefined) => key === undefined ? undefined : keySerde.serializeUnsafe(key)
  function* entries(from: K | undefined, to: K | undefined, reverse: boolean): Generator<Entry<K, V>> {
    for (const [key, stored] of inner.range(bound(from), bound(to), reverse)) {
      yield { key: keySerde.deserializeUnsafe(key), ...read(stored) }
    }
  }
  return {
    get: (key) => {
      const stored = (inner.peek ?? inner.get)(keySerde.serializeUnsafe(key))
      return stored === undefined ? undefined : read(stored)
    },
    range: (from, to) => entries(from, to, false),
    reverseRange: (from, to) => entries(from, to, true),
    *prefixScan(prefix, serde) {
      const bytes = serde.serializeUnsafe(prefix)
      for (const [key, stored] of inner.range(bytes, undefined)) {
        if (!startsWith(key, bytes)) return
        yield { key: keySerde.deserializeUnsafe(key), ...read(stored) }
      }
    },
    approximateNumEntries: () => inner.approximateNumEntries
  }
}

/**
 * A value as it was from its timestamp until `validTo`; undefined: it is the latest.
 *
 * @since 0.1.0
 */
export interface VersionedValue<out V> extends ValueAndTimestamp<V> {
  readonly validTo: number | undefined
}

/**
 * Reads a versioned store.
 *
 * @since 0.1.0
 */
export interface VersionedReader<in out K, out V> {
  /** The latest value, or the one that was valid at a time; nothing if the history of that time is not retained. */
  readonly get: (key: K, asOf?: number) => VersionedValue<V> | undefined
  /** All that the store has of a key, the oldest first. */
  readonly versions: (key: K) => Iterable<VersionedValue<V>>
}

/**
 * A reader of a versioned store; undefined if it is none.
 *
 * @since 0.1.0
 */
export const versioned = <K, V>({ definition, store }: TaskStore): VersionedReader<K, V> | undefined => {
  if (store.kind !== "versioned") return undefined
  const { key: keySerde, value: valueSerde } = definition
  const read = ({ timestamp, validTo, value }: VersionedRecord): VersionedValue<V> => ({
    value: valueSerde.deserializeUnsafe(value),
    timestamp,
    validTo
  })
  return {
    get: (key, asOf) => {
      const found = store.get(keySerde.serializeUnsafe(key), asOf)
      return found === undefined ? undefined : read(found)
    },
    *versions(key) {
      for (const version of store.versions(keySerde.serializeUnsafe(key))) yield read(version)
    }
  }
}

/**
 * A reader of a window store; undefined if it is none.
 *
 * @since 0.1.0
 */
export const window = <K, V>({ definition, store }: TaskStore): WindowReader<K, V> | undefined => {
  if (store.kind !== "window" || definition._tag !== "Window") return undefined
  const { key: keySerde, value: valueSerde, windowSizeMs } = definition
  const inner: WindowStore = store
  const read = (stored: Stored): ValueAndTimestamp<V> => ({
    value: valueSerde.deserializeUnsafe(stored.value),
    timestamp: stored.timestamp
  })
  const windowed = (key: Uint8Array, start: number): Windowed.Windowed<K> =>
    Windowed.make<K>(keySerde.deserializeUnsafe(key), start, start + windowSizeMs)
  function* typed(entries: Iterable<WindowEntry>): Generator<Entry<Windowed.Windowed<K>, V>> {
    for (const { key, stored, windowStart } of entries) yield { key: windowed(key, windowStart), ...read(stored) }
  }
  const bound = (key: K | undefined) => key === undefined ? undefined : keySerde.serializeUnsafe(key)
  return {
    get: (key, windowStart) => {
      const stored = inner.get(keySerde.serializeUnsafe(key), windowStart)
      return stored === undefined ? undefined : read(stored)
    },
    fetch: (key, from, to) => typed(inner.fetch(keySerde.serializeUnsafe(key), from, to)),
    backwardFetch: (key, from, to) => typed(inner.fetch(keySerde.serializeUnsafe(key), from, to, true)),
    fetchRange: (keyFrom, keyTo, from, to) => typed(inner.fetchRange(bound(keyFrom), bound(keyTo), from, to)),
    fetchAll: (from, to) => typed(inner.fetchRange(undefined, undefined, from, to))
  }
}

/**
 * Reads a session store.
 *
 * @since 0.1.0
 */
export interface SessionReader<in out K, out V> {
  /** Sessions of a key, the earliest first. */
  readonly fetch: (key: K) => Iterable<Entry<Windowed.Windowed<K>, V>>
  /** Those that end at `earliestEnd` or later and start at `latestStart` or earlier, in milliseconds. */
  readonly findSessions: (
    key: K,
    earliestEnd: number,
    latestStart: number
  ) => Iterable<Entry<Windowed.Windowed<K>, V>>
  /** All sessions, in the order of the store. */
  readonly all: () => Iterable<Entry<Windowed.Windowed<K>, V>>
}

/**
 * A reader of a session store; undefined if it is none. The timestamp of a session is its end.
 *
 * @since 0.1.0
 */
export const session = <K, V>({ definition, store }: TaskStore): SessionReader<K, V> | undefined => {
  if (store.kind !== "session") return undefined
  const { key: keySerde, value: valueSerde } = definition
  const read = (key: Uint8Array, { end, start, value }: Session): Entry<Windowed.Windowed<K>, V> => ({
    key: Windowed.make<K>(keySerde.deserializeUnsafe(key), start, end),
    value: valueSerde.deserializeUnsafe(value),
    timestamp: end
  })
  const findSessions: SessionReader<K, V>["findSessions"] = (key, earliestEnd, latestStart) => {
    const bytes = keySerde.serializeUnsafe(key)
    return store.find(bytes, earliestEnd, latestStart).map((found) => read(bytes, found))
  }
  return {
    fetch: (key) => findSessions(key, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    findSessions,
    *all() {
      const found = store.findRange(undefined, undefined, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
      for (const { key, session } of found) yield read(key, session)
    }
  }
}

/**
 * One reader of the stores of several tasks, each of which has keys of its own.
 *
 * @since 0.1.0
 */
export const keyValueOfAll = <K, V>(readers: ReadonlyArray<KeyValueReader<K, V>>): KeyValueReader<K, V> => ({
  get: (key) => firstOf(readers, (reader) => reader.get(key)),
  *range(from, to) {
    for (const reader of readers) yield* reader.range(from, to)
  },
  *reverseRange(from, to) {
    for (const reader of readers) yield* reader.reverseRange(from, to)
  },
  *prefixScan(prefix, serde) {
    for (const reader of readers) yield* reader.prefixScan(prefix, serde)
  },
  approximateNumEntries: () => readers.reduce((sum, reader) => sum + reader.approximateNumEntries(), 0)
})

/**
 * One reader of the versioned stores of several tasks, each of which has keys of its own.
 *
 * @since 0.1.0
 */
export const versionedOfAll = <K, V>(readers: ReadonlyArray<VersionedReader<K, V>>): VersionedReader<K, V> => ({
  get: (key, asOf) => firstOf(readers, (reader) => reader.get(key, asOf)),
  *versions(key) {
    for (const reader of readers) yield* reader.versions(key)
  }
})

/**
 * One reader of the window stores of several tasks, each of which has keys of its own.
 *
 * @since 0.1.0
 */
export const windowOfAll = <K, V>(readers: ReadonlyArray<WindowReader<K, V>>): WindowReader<K, V> => ({
  get: (key, windowStart) => firstOf(readers, (reader) => reader.get(key, windowStart)),
  *fetch(key, from, to) {
    for (const reader of readers) yield* reader.fetch(key, from, to)
  },
  *backwardFetch(key, from, to) {
    for (const reader of readers) yield* reader.backwardFetch(key, from, to)
  },
  *fetchRange(keyFrom, keyTo, from, to) {
    for (const reader of readers) yield* reader.fetchRange(keyFrom, keyTo, from, to)
  },
  *fetchAll(from, to) {
    for (const reader of readers) yield* reader.fetchAll(from, to)
  }
})

/**
 * One reader of the session stores of several tasks, each of which has keys of its own.
 *
 * @since 0.1.0
 */
export const sessionOfAll = <K, V>(readers: ReadonlyArray<SessionReader<K, V>>): SessionReader<K, V> => ({
  *fetch(key) {
    for (const reader of readers) yield* reader.fetch(key)
  },
  *findSessions(key, earliestEnd, latestStart) {
    for (const reader of readers) yield* reader.findSessions(key, earliestEnd, latestStart)
  },
  *all() {
    for (const reader of readers) yield* reader.all()
  }
})

const firstOf = <A, B>(items: ReadonlyArray<A>, f: (item: A) => B | undefined): B | undefined => {
  for (const item of items) {
    const found = f(item)
    if (found !== undefined) return found
  }
  return undefined
}
