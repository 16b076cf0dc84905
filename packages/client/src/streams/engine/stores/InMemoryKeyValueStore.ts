/**
 * A key-value store in the memory of the process.
 *
 * Keeps true: a put is logged before it returns; entries own their bytes.
 * Leaves to others: surviving a restart, which is the changelog's part.
 *
 * @since 0.1.0
 */
import { BytesMap, ownBytes } from "./BytesMap.ts"
import type { Headers } from "../Flow.ts"
import type { ChangeLog, KeyValueStore, Stored } from "./StateStore.ts"

interface Entry extends Stored {
  value: Uint8Array
  timestamp: number
  headers: Headers | undefined
}

/**
 * Makes an empty store that logs to `log`. `keepsHeaders`: the headers of a value are kept with it.
 *
 * @since 0.1.0
 */
export const make = (name: string, log: ChangeLog, keepsHeaders = false): KeyValueStore => {
  const entries = new BytesMap<Entry>()
  const apply = (key: Uint8Array, value: Uint8Array | null, timestamp: number, given?: Headers) => {
    if (value === null) {
      entries.delete(key)
      return
    }
    const owned = ownBytes(value)
    const headers = keepsHeaders ? given : undefined
    const held = entries.get(key)
    if (held === undefined) {
      entries.set(key, { value: owned, timestamp, headers })
    } else {
      held.value = owned
      held.timestamp = timestamp
      held.headers = headers
    }
  }
  return {
    kind: "keyValue",
    name,
    get: (key) => entries.get(key),
    put: (key, value, timestamp, headers) => {
      apply(key, value, timestamp, headers)
      log.append(key, value, timestamp, headers)
    },
    range: (from, to, reverse) => entries.range(from, to, reverse),
    get approximateNumEntries() {
      return entries.size
    },
    restore: apply,
    flush: () => {},
    wipe: () => entries.clear(),
    close: () => entries.clear()
  }
}
