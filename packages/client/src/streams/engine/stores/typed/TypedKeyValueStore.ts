/**
 * A key-value store as a processor sees it.
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type * as StateStore from "@millrace/core/streams/StateStore"
import type { KeyValueStore, Put } from "../StateStore.ts"
import { assertWritable, boundOf, formatOf, keyBytesOf, type Opening } from "./Values.ts"

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => {
  if (bytes.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

/**
 * Opens a store. `isEstimated`: its entries are not counted but reckoned, as RocksDB does.
 *
 * @since 0.1.0
 */
export const open = (
  store: KeyValueStore,
  opening: Opening,
  isEstimated: boolean
): StateStore.KeyValueStore<unknown, unknown> => {
  const format = formatOf(opening)
  const keyBytes = keyBytesOf(opening)
  const bound = boundOf(opening)
  let estimate = store.approximateNumEntries
  const count = (put: Put) => {
    estimate += put.value === null ? -1 : 1
  }
  const write = (put: Put) => {
    assertWritable(opening)
    count(put)
    store.put(put.key, put.value, put.timestamp, put.headers)
  }
  const read = (bytes: Uint8Array): unknown => {
    const stored = store.get(bytes)
    return stored === undefined ? null : format.read(stored)
  }
  function* scan(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse: boolean
  ): IterableIterator<readonly [unknown, unknown]> {
    for (const [bytes, stored] of store.range(from, to, reverse)) {
      yield [opening.key.deserializeUnsafe(bytes), format.read(stored)]
    }
  }
  return {
    get: (key) => read(keyBytes(key)),
    put: (key, value) => write(format.write(keyBytes(key), value)),
    putIfAbsent: (key, value) => {
      const bytes = keyBytes(key)
      const old = read(bytes)
      if (old === null) write(format.write(bytes, value))
      return old
    },
    putAll: (entries) => {
      const puts = [...entries].map(([key, value]) => format.write(keyBytes(key), value))
      if (store.putAll === undefined) {
        for (const put of puts) write(put)
        return
      }
      assertWritable(opening)
      store.putAll(puts)
    },
    delete: (key) => {
      const bytes = keyBytes(key)
      const old = read(bytes)
      write(format.write(bytes, null))
      return old
    },
    range: (from, to) => scan(bound(from), bound(to), false),
    reverseRange: (from, to) => scan(bound(from), bound(to), true),
    all: () => scan(undefined, undefined, false),
    reverseAll: () => scan(undefined, undefined, true),
    *prefixScan(prefix, serde) {
      const bytes = Serde.toBytesUnsafe(serde, prefix)
      if (bytes === null) return
      for (const [key, stored] of store.range(bytes, undefined)) {
        if (!startsWith(key, bytes)) return
        yield [opening.key.deserializeUnsafe(key), format.read(stored)]
      }
    },
    approximateNumEntries: () => isEstimated ? Math.max(0, estimate) : store.approximateNumEntries
  }
}
