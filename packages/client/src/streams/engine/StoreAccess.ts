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
import type { KeyValueStore, WindowStore } from "./StateStore.ts"

/**
 * A key-value store through its serdes. `timestamp` is that of the entry that `get` found last.
 *
 * @since 0.1.0
 */
export interface KeyValueAccess {
  /** The value, or null. */
  readonly get: (key: unknown) => unknown
  timestamp: number
  readonly put: (key: unknown, value: unknown, timestamp: number) => void
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
  readonly put: (key: unknown, value: unknown, windowStart: number, timestamp: number) => boolean
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
export const keyValue = (store: KeyValueStore, key: Serde.Any, value: Serde.Any): KeyValueAccess => {
  const bytesOf = keyBytes(key)
  const access: KeyValueAccess = {
    timestamp: -1,
    get: (key) => {
      const stored = store.get(bytesOf(key))
      if (stored === undefined) return null
      access.timestamp = stored.timestamp
      return value.deserializeUnsafe(stored.value)
    },
    put: (key, newValue, timestamp) => store.put(bytesOf(key), Serde.toBytesUnsafe(value, newValue), timestamp)
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
    put: (key, newValue, windowStart, timestamp) =>
      store.put(bytesOf(key), Serde.toBytesUnsafe(value, newValue), windowStart, timestamp)
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
