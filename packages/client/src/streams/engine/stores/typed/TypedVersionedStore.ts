/**
 * A versioned store as a processor sees it.
 *
 * @since 0.1.0
 */
import type * as StateStore from "@millrace/core/streams/StateStore"
import type { VersionedRecord, VersionedStore } from "../StateStore.ts"
import { notPut } from "../StateStore.ts"
import { assertWritable, keyBytesOf, type Opening } from "./Values.ts"

/**
 * Opens a store. What it refuses is counted as dropped.
 *
 * @since 0.1.0
 */
export const open = (
  store: VersionedStore,
  opening: Opening
): StateStore.VersionedKeyValueStore<unknown, unknown> => {
  const { context, value: serde } = opening
  const keyBytes = keyBytesOf(opening)
  const read = (found: VersionedRecord | undefined): StateStore.ValueAndTimestamp<unknown> | null =>
    found === undefined ? null : { value: serde.deserializeUnsafe(found.value), timestamp: found.timestamp }
  const put = (bytes: Uint8Array, value: unknown, timestamp: number): number => {
    assertWritable(opening)
    const result = store.put(bytes, value === null ? null : serde.serializeUnsafe(value), timestamp)
    if (result === notPut) context.dropped++
    return result
  }
  return {
    put: (key, value, timestamp) => put(keyBytes(key), value, timestamp),
    delete: (key, timestamp) => {
      const bytes = keyBytes(key)
      const old = read(store.get(bytes, timestamp))
      return put(bytes, null, timestamp) === notPut ? null : old
    },
    // as Kafka: what was asked for as of a time does not say until when it was valid
    get: (key, asOf) => read(store.get(keyBytes(key), asOf))
  }
}
