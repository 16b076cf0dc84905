/**
 * What a processor can do with a key-value store.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "../../records/RecordCursor.ts"
import type * as Serde from "../../serde/Serde.ts"

/**
 * Keys to values, in the order of the unsigned bytes of the keys. Changes are seen by later reads, and by the steps of an
 * iteration that is under way. A null key is a `ProcessorError`.
 *
 * @since 0.1.0
 */
export interface KeyValueStore<in out K, in out V> extends ReadOnlyKeyValueStore<K, V> {
  /** Sets a value; null deletes. */
  readonly put: (key: K, value: V | null) => void
  /** Sets a value only if there is none; gives what was there, or null. */
  readonly putIfAbsent: (key: K, value: V | null) => V | null
  readonly putAll: (entries: Iterable<readonly [K, V | null]>) => void
  /** Removes a key; gives what was there, or null. */
  readonly delete: (key: K) => V | null
}

/**
 * Reads keys to values.
 *
 * @since 0.1.0
 */
export interface ReadOnlyKeyValueStore<in out K, out V> {
  /** The value, or null. */
  readonly get: (key: K) => V | null
  /** From `from` to `to`, both included; null is no bound. Nothing if `from` is after `to`. */
  readonly range: (from: K | null, to: K | null) => IterableIterator<readonly [K, V]>
  /** As `range`, the last first. */
  readonly reverseRange: (from: K | null, to: K | null) => IterableIterator<readonly [K, V]>
  readonly all: () => IterableIterator<readonly [K, V]>
  readonly reverseAll: () => IterableIterator<readonly [K, V]>
  /** The keys whose bytes begin with those of the prefix. */
  readonly prefixScan: <P>(prefix: P, serde: Serde.Serde<P>) => IterableIterator<readonly [K, V]>
  /** An estimate for stores on disk: puts less deletions since it was opened, as RocksDB reckons. */
  readonly approximateNumEntries: () => number
}

/**
 * A value and the time of the record that made it (milliseconds).
 *
 * @since 0.1.0
 */
export interface ValueAndTimestamp<out V> {
  readonly value: V
  readonly timestamp: number
}

/**
 * A value, the time and the headers of the record that made it.
 *
 * @since 0.1.0
 */
export interface ValueTimestampHeaders<out V> extends ValueAndTimestamp<V> {
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * Keys to values with timestamps: the store of a table.
 *
 * @since 0.1.0
 */
export interface TimestampedKeyValueStore<in out K, in out V> extends KeyValueStore<K, ValueAndTimestamp<V>> {}

/**
 * Keys to values with timestamps and headers.
 *
 * @since 0.1.0
 */
export interface TimestampedKeyValueStoreWithHeaders<in out K, in out V>
  extends KeyValueStore<K, ValueTimestampHeaders<V>>
{}
