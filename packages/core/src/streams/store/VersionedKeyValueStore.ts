/**
 * What a processor can do with a versioned store.
 *
 * @since 0.1.0
 */
import type { ValueAndTimestamp } from "./KeyValueStore.ts"

/**
 * Keys to values by time (milliseconds): the timestamp of a value is when it began to be valid. What lies further back than the history is refused, and not given. A null key is a
 * `ProcessorError`.
 *
 * @since 0.1.0
 */
export interface VersionedKeyValueStore<in out K, in out V> {
  /**
   * Sets the value from a time on; null deletes. Gives until when it is valid, `validToUndefined` if it is the latest, or
   * `notPut` if it was refused.
   */
  readonly put: (key: K, value: V | null, timestamp: number) => number
  /** Deletes from a time on; gives what was valid then, or null. */
  readonly delete: (key: K, timestamp: number) => ValueAndTimestamp<V> | null
  /** The latest value, or the one that was valid at a time; null if there is none, or its history is not there any more. */
  readonly get: (key: K, asOf?: number) => ValueAndTimestamp<V> | null
}

/**
 * What a put gives of what is the latest (Kafka's `PUT_RETURN_CODE_VALID_TO_UNDEFINED`).
 *
 * @since 0.1.0
 */
export const validToUndefined = -1

/**
 * What a put gives that was refused (Kafka's `PUT_RETURN_CODE_NOT_PUT`, Java's `Long.MIN_VALUE`).
 *
 * @since 0.1.0
 */
export const notPut = -(2 ** 63)
