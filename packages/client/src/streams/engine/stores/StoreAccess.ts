/**
 * A store of bytes seen through its serdes: what processors read and write by.
 *
 * Keeps true: a null value deletes; the timestamp of the entry read last is at hand without an allocation.
 * Leaves to others: bytes, order, retention, logging (the stores).
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type * as Windowed from "@millrace/core/serde/Windowed"
import type { Headers } from "../Flow.ts"
import { startsWith } from "./BytesMap.ts"
import type { KeyValueStore, SessionStore, VersionedStore, WindowStore } from "./StateStore.ts"

/**
 * A key-value store through its serdes. `timestamp` is that of the entry that `get` found last.
 *
 * @since 0.1.0
 */
export interface KeyValueAccess<K = unknown, V = unknown> {
  /** The value, or null. `asOf`: that of this time, if the store is versioned; others know the present one only. */
  readonly get: (key: K, asOf?: number) => V | null
  timestamp: number
  readonly put: (key: K, value: V | null, timestamp: number, headers?: Headers) => void
  /** Whether a cache passes the changes on, so that those who put them do not. */
  readonly isCaching: boolean
  readonly isVersioned: boolean
}

/**
 * Puts what a record of time `timestamp` made of an aggregate, which is of time `at`. Deletions are of the record's time where
 * only the present is kept.
 *
 * @since 0.1.0
 */
export const putAggregate = (
  store: KeyValueAccess,
  key: unknown,
  aggregate: unknown,
  at: number,
  timestamp: number,
  headers: Headers
): void => store.put(key, aggregate, aggregate === null && !store.isVersioned ? timestamp : at, headers)

/**
 * The same, of a store whose entries can be listed.
 *
 * @since 0.1.0
 */
export interface IterableAccess<K, V> extends KeyValueAccess<K, V> {
  /** All entries, in the order of their key bytes. */
  readonly all: () => Iterable<readonly [K, V]>
  /** The values of all keys whose bytes begin so, in the order of those. */
  readonly withPrefix: (prefix: Uint8Array) => Iterable<V>
}

/**
 * A window store through its serdes. `timestamp` is that of the entry that `get` found last.
 *
 * @since 0.1.0
 */
export interface WindowAccess {
  /** The value, or null. */
  readonly get: (key: unknown, windowStart: number) => unknown
  timestamp: number
  /** False if the window has expired in the store. */
  readonly put: (key: unknown, value: unknown, windowStart: number, timestamp: number, headers?: Headers) => boolean
  /** The windows of a key that start from `from` to `to`, both included, the earliest first. */
  readonly fetch: (key: unknown, from: number, to: number) => ReadonlyArray<FetchedWindow>
  /** The windows of all keys that start from `from` to `to`, both included, in the order of the store. */
  readonly fetchAll: (from: number, to: number) => ReadonlyArray<FetchedWindow & { readonly key: unknown }>
}

/**
 * A window as it was when it was fetched.
 *
 * @since 0.1.0
 */
export interface FetchedWindow {
  readonly start: number
  readonly value: unknown
  readonly timestamp: number
}

/**
 * A session store through its serdes.
 *
 * @since 0.1.0
 */
export interface SessionAccess {
  /** Sessions that end at `earliestEnd` or later and start at `latestStart` or earlier. */
  readonly find: (key: unknown, earliestEnd: number, latestStart: number) => ReadonlyArray<FetchedSession>
  /** False if the session has expired in the store. */
  readonly put: (
    key: unknown,
    start: number,
    end: number,
    value: unknown,
    timestamp: number,
    headers: Headers
  ) => boolean
  /** Sessions of all keys that end from `from` to `to`, both included, by end. */
  readonly endedBetween: (from: number, to: number) => ReadonlyArray<FetchedSession & { readonly key: unknown }>
}

/**
 * A session as it was when it was found.
 *
 * @since 0.1.0
 */
export interface FetchedSession {
  readonly start: number
  readonly end: number
  readonly value: unknown
}

/**
 * Remembers the bytes of the key serialised last: an update reads and then writes one key.
 */
const keyBytes = (serde: Serde.Any): (key: unknown) => Uint8Array => {
  let lastKey: unknown = keyBytes
  let lastBytes: Uint8Array = new Uint8Array(0)
  return (key) => {
    if (typeof key === "object" || key !== lastKey) {
      lastBytes = serde.serializeUnsafe(key)
      lastKey = key
    }
    return lastBytes
  }
}

/**
 * Access to a key-value store.
 *
 * @since 0.1.0
 */
export const keyValue = <K, V>(store: KeyValueStore, key: Serde.Any, value: Serde.Any): IterableAccess<K, V> => {
  const bytesOf = keyBytes(key)
  const access: IterableAccess<K, V> = {
    timestamp: -1,
    get: (key) => {
      const stored = store.get(bytesOf(key))
      if (stored === undefined) return null
      access.timestamp = stored.timestamp
      return value.deserializeUnsafe(stored.value)
    },
    put: (key, newValue, timestamp, headers) =>
      store.put(bytesOf(key), Serde.toBytesUnsafe(value, newValue), timestamp, headers),
    *all() {
      for (const [bytes, stored] of store.range(undefined, undefined)) {
        yield [key.deserializeUnsafe(bytes), value.deserializeUnsafe(stored.value)]
      }
    },
    *withPrefix(prefix) {
      for (const [bytes, stored] of store.range(prefix, undefined)) {
        if (!startsWith(bytes, prefix)) return
        yield value.deserializeUnsafe(stored.value)
      }
    },
    isCaching: "isCaching" in store,
    isVersioned: false
  }
  return access
}

/**
 * Access to a versioned store.
 *
 * @since 0.1.0
 */
export const versioned = (store: VersionedStore, key: Serde.Any, value: Serde.Any): KeyValueAccess => {
  const bytesOf = keyBytes(key)
  const access: KeyValueAccess = {
    timestamp: -1,
    get: (key, asOf) => {
      const found = store.get(bytesOf(key), asOf)
      if (found === undefined) return null
      access.timestamp = found.timestamp
      return value.deserializeUnsafe(found.value)
    },
    put: (key, newValue, timestamp) => void store.put(bytesOf(key), Serde.toBytesUnsafe(value, newValue), timestamp),
    isCaching: false,
    isVersioned: true
  }
  return access
}

/**
 * Access to a window store.
 *
 * @since 0.1.0
 */
export const window = (store: WindowStore, key: Serde.Any, value: Serde.Any): WindowAccess => {
  const bytesOf = keyBytes(key)
  const access: WindowAccess = {
    timestamp: -1,
    get: (key, windowStart) => {
      const stored = store.get(bytesOf(key), windowStart)
      if (stored === undefined) return null
      access.timestamp = stored.timestamp
      return value.deserializeUnsafe(stored.value)
    },
    put: (key, newValue, windowStart, timestamp, headers) =>
      store.put(bytesOf(key), Serde.toBytesUnsafe(value, newValue), windowStart, timestamp, headers),
    fetch: (key, from, to) => {
      const windows: Array<FetchedWindow> = []
      for (const { stored, windowStart } of store.fetch(bytesOf(key), from, to)) {
        const { timestamp, value: bytes } = stored
        windows.push({ start: windowStart, value: value.deserializeUnsafe(bytes), timestamp })
      }
      return windows
    },
    fetchAll: (from, to) => {
      const windows: Array<FetchedWindow & { readonly key: unknown }> = []
      for (const { key: bytes, stored, windowStart } of store.fetchRange(undefined, undefined, from, to)) {
        const { timestamp } = stored
        windows.push({
          key: key.deserializeUnsafe(bytes),
          start: windowStart,
          value: value.deserializeUnsafe(stored.value),
          timestamp
        })
      }
      return windows
    }
  }
  return access
}

/**
 * Access to a session store.
 *
 * @since 0.1.0
 */
export const session = (store: SessionStore, key: Serde.Any, value: Serde.Any): SessionAccess => {
  const bytesOf = keyBytes(key)
  return {
    find: (key, earliestEnd, latestStart) =>
      store.find(bytesOf(key), earliestEnd, latestStart).map((found) => ({
        start: found.start,
        end: found.end,
        value: value.deserializeUnsafe(found.value)
      })),
    put: (key, start, end, newValue, timestamp, headers) =>
      store.put(bytesOf(key), start, end, Serde.toBytesUnsafe(value, newValue), timestamp, headers),
    endedBetween: (from, to) =>
      store.endedBetween(from, to).map(({ key: bytes, session }) => ({
        key: key.deserializeUnsafe(bytes),
        start: session.start,
        end: session.end,
        value: value.deserializeUnsafe(session.value)
      }))
  }
}

/**
 * A session store by keys that say their session; the timestamp of a session is its end.
 *
 * @since 0.1.0
 */
export const inSessions = (store: SessionAccess): Pick<KeyValueAccess, "get" | "timestamp"> => {
  const access = {
    timestamp: -1,
    get: (key: unknown): unknown => {
      const { end, key: inner, start } = key as Windowed.Windowed<unknown>
      access.timestamp = end
      return store.find(inner, end, start).find((each) => each.start === start && each.end === end)?.value ?? null
    }
  }
  return access
}

/**
 * A window store by keys that say their window.
 *
 * @since 0.1.0
 */
export const windowed = (store: WindowAccess): Pick<KeyValueAccess, "get" | "timestamp"> => ({
  get: (key) => {
    const { key: inner, start } = key as Windowed.Windowed<unknown>
    return store.get(inner, start)
  },
  get timestamp() {
    return store.timestamp
  }
})
