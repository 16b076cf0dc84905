/**
 * A key-value store on disk: the values with their timestamps before them, as Kafka Streams keeps them.
 *
 * Keeps true: a put is logged before it returns; the table changes at commits only.
 * Leaves to others: surviving the loss of the disk, which is the changelog's part.
 *
 * @since 0.1.0
 */
import type { DiskMap } from "./DiskMap.ts"
import type { ChangeLog, KeyValueStore, Stored } from "./StateStore.ts"

const timestampBytes = 8

/** A value as it is stored: its timestamp as int64, then its bytes. */
const encode = (value: Uint8Array, timestamp: number): Uint8Array => {
  const bytes = new Uint8Array(timestampBytes + value.length)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, Math.floor(timestamp / 0x100000000))
  view.setUint32(4, timestamp >>> 0)
  bytes.set(value, timestampBytes)
  return bytes
}

const decode = (bytes: Uint8Array): Stored => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, timestampBytes)
  const timestamp = view.getInt32(0) * 0x100000000 + view.getUint32(4)
  return { value: bytes.subarray(timestampBytes), timestamp }
}

/**
 * Makes a store in `map` that logs to `log`.
 *
 * @since 0.1.0
 */
export const make = (name: string, map: DiskMap, log: ChangeLog): KeyValueStore => {
  const apply = (key: Uint8Array, value: Uint8Array | null, timestamp: number) =>
    map.put(key, value === null ? null : encode(value, timestamp))
  function* range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse?: boolean) {
    for (const [key, bytes] of map.range(from, to, reverse)) yield [key, decode(bytes)] as const
  }
  return {
    kind: "keyValue",
    name,
    get: (key) => {
      const bytes = map.get(key)
      return bytes === undefined ? undefined : decode(bytes)
    },
    put: (key, value, timestamp, headers) => {
      apply(key, value, timestamp)
      log.append(key, value, timestamp, headers)
    },
    range,
    get approximateNumEntries() {
      return map.approximateSize
    },
    restore: apply,
    flush: () => {},
    wipe: () => map.clear(),
    close: () => {}
  }
}
