/**
 * A key-value store over an ordered map, in memory or on disk: the values with their timestamps before them, as Kafka Streams
 * keeps them.
 *
 * Keeps true: a put is logged before it returns.
 * Leaves to others: surviving a restart (the map, if it is on disk) and the loss of the disk (the changelog).
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import type { OrderedMap } from "./OrderedMap.ts"
import type { ChangeLog, KeyValueStore } from "./StateStore.ts"
import * as StoredBytes from "./StoredBytes.ts"

/**
 * Makes a store of what is in `map` that logs to `log`. `keepsHeaders`: the headers of a value are kept with it.
 *
 * @since 0.1.0
 */
export const make = (name: string, map: OrderedMap, log: ChangeLog, keepsHeaders = false): KeyValueStore => {
  const format = StoredBytes.timestamped(keepsHeaders)
  const apply = (key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers) => {
    if (value === null) map.delete(key)
    else map.set(key, format.write(value, timestamp, headers))
  }
  function* range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse?: boolean) {
    for (const [key, bytes] of map.range(from, to, reverse)) yield [key, format.read(bytes)] as const
  }
  return {
    kind: "keyValue",
    name,
    get: (key) => {
      const bytes = map.get(key)
      return bytes === undefined ? undefined : format.read(bytes)
    },
    put: (key, value, timestamp, headers) => {
      apply(key, value, timestamp, headers)
      log.append(key, value, timestamp, headers)
    },
    range,
    get approximateNumEntries() {
      return map.size
    },
    restore: apply,
    flush: () => {},
    wipe: () => map.clear(),
    close: () => {}
  }
}
