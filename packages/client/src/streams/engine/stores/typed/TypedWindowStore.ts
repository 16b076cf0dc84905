/**
 * A window store as a processor sees it.
 *
 * @since 0.1.0
 */
import * as Windowed from "@millrace/core/serde/Windowed"
import type * as StateStore from "@millrace/core/streams/StateStore"
import type { WindowStore } from "../StateStore.ts"
import { assertWritable, boundOf, formatOf, keyBytesOf, type Opening } from "./Values.ts"

/**
 * Opens a store. A put that the store does not keep counts as dropped.
 *
 * @since 0.1.0
 */
export const open = (
  store: WindowStore,
  opening: Opening,
  windowSizeMs: number
): StateStore.WindowStore<unknown, unknown> => {
  const { context, key: keySerde } = opening
  const format = formatOf(opening)
  const keyBytes = keyBytesOf(opening)
  const bound = boundOf(opening)
  function* fetch(key: unknown, from: number, to: number, reverse: boolean) {
    for (const { stored, windowStart } of store.fetch(keyBytes(key), from, to, reverse)) {
      yield [windowStart, format.read(stored)] as const
    }
  }
  function* fetchRange(keyFrom: unknown, keyTo: unknown, from: number, to: number, reverse: boolean) {
    for (const { key, stored, windowStart } of store.fetchRange(bound(keyFrom), bound(keyTo), from, to, reverse)) {
      const windowed = Windowed.make(keySerde.deserializeUnsafe(key), windowStart, windowStart + windowSizeMs)
      yield [windowed, format.read(stored)] as const
    }
  }
  const last = Number.MAX_SAFE_INTEGER
  return {
    get: (key, windowStart) => {
      const stored = store.get(keyBytes(key), windowStart)
      return stored === undefined ? null : format.read(stored)
    },
    put: (key, value, windowStart) => {
      assertWritable(opening)
      const put = format.write(keyBytes(key), value)
      if (!store.put(put.key, put.value, windowStart, put.timestamp, put.headers)) context.dropped++
    },
    fetch: (key, from, to) => fetch(key, from, to, false),
    backwardFetch: (key, from, to) => fetch(key, from, to, true),
    fetchRange: (keyFrom, keyTo, from, to) => fetchRange(keyFrom, keyTo, from, to, false),
    backwardFetchRange: (keyFrom, keyTo, from, to) => fetchRange(keyFrom, keyTo, from, to, true),
    fetchAll: (from, to) => fetchRange(null, null, from, to, false),
    backwardFetchAll: (from, to) => fetchRange(null, null, from, to, true),
    all: () => fetchRange(null, null, 0, last, false),
    backwardAll: () => fetchRange(null, null, 0, last, true)
  }
}
