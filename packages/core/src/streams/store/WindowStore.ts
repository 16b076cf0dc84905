/**
 * What a processor can do with a window store.
 *
 * @since 0.1.0
 */
import type { Windowed } from "../../serde/Windowed.ts"
import type { ValueAndTimestamp, ValueTimestampHeaders } from "./KeyValueStore.ts"

/**
 * Keys and window starts (milliseconds) to values. What starts at or before (greatest start put) - retention is gone. Over
 * several keys a store in memory iterates by time and then key, one on disk by key and then time (within a segment of
 * time). A null key is a `ProcessorError`.
 *
 * @since 0.1.0
 */
export interface WindowStore<in out K, in out V> extends ReadOnlyWindowStore<K, V> {
  /** Sets the value of a window; null deletes it (nothing, where duplicates are kept). What has expired is dropped. */
  readonly put: (key: K, value: V | null, windowStart: number) => void
}

/**
 * Reads keys and window starts to values. Bounds are included.
 *
 * @since 0.1.0
 */
export interface ReadOnlyWindowStore<in out K, out V> {
  /** The value of one window, or null. */
  readonly get: (key: K, windowStart: number) => V | null
  /** The windows of a key that start from `from` to `to`: start and value, the earliest first. */
  readonly fetch: (key: K, from: number, to: number) => IterableIterator<readonly [number, V]>
  readonly backwardFetch: (key: K, from: number, to: number) => IterableIterator<readonly [number, V]>
  /** The windows of the keys from `keyFrom` to `keyTo` (null: no bound) that start from `from` to `to`. */
  readonly fetchRange: (
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number
  ) => IterableIterator<readonly [Windowed<K>, V]>
  readonly backwardFetchRange: (
    keyFrom: K | null,
    keyTo: K | null,
    from: number,
    to: number
  ) => IterableIterator<readonly [Windowed<K>, V]>
  readonly fetchAll: (from: number, to: number) => IterableIterator<readonly [Windowed<K>, V]>
  readonly backwardFetchAll: (from: number, to: number) => IterableIterator<readonly [Windowed<K>, V]>
  readonly all: () => IterableIterator<readonly [Windowed<K>, V]>
  readonly backwardAll: () => IterableIterator<readonly [Windowed<K>, V]>
}

/**
 * Keys and window starts to values with timestamps: the store of a windowed table.
 *
 * @since 0.1.0
 */
export interface TimestampedWindowStore<in out K, in out V> extends WindowStore<K, ValueAndTimestamp<V>> {}

/**
 * Keys and window starts to values with timestamps and headers.
 *
 * @since 0.1.0
 */
export interface TimestampedWindowStoreWithHeaders<in out K, in out V>
  extends WindowStore<K, ValueTimestampHeaders<V>>
{}
