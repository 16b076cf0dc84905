/**
 * A key-value store behind a cache: what is put reaches the store, its changelog and the nodes below only when it is flushed.
 *
 * Keeps true: reads see what was put; the deletion of a key that the store below never had is not passed on. A scan gives each
 * key that was there when it began, and still is when it comes to it, once, with the value of that moment: also when entries
 * leave the cache meanwhile.
 * Leaves to others: when to flush (the task, before a commit), and the limit (`RecordCache`).
 *
 * @since 0.1.0
 */
import { type Context, type Headers, noHeaders, withOrigin } from "../../Flow.ts"
import { BytesMap, compareBytes, equalBytes } from "../BytesMap.ts"
import type { KeyValueStore, Stored } from "../StateStore.ts"
import { merged } from "./merged.ts"
import { CacheEntry, type RecordCache, shown, StoreCache } from "./RecordCache.ts"

class Entry extends CacheEntry {
  readonly key: Uint8Array

  constructor(key: Uint8Array) {
    super()
    this.key = key
  }

  get keyBytes(): number {
    return this.key.length
  }
}

/** Stands for what has left the cache. */
const gone = new Entry(new Uint8Array(0))

/**
 * Who gets the changes of the store when they are flushed.
 *
 * @since 0.1.0
 */
export type FlushListener = (
  key: Uint8Array,
  newValue: Uint8Array | null,
  oldValue: Uint8Array | null,
  timestamp: number,
  headers: Headers
) => void

/**
 * A caching store. `setFlushListener`: who gets the changes; old values are null if `sendOldValues` is false.
 *
 * @since 0.1.0
 */
export interface CachingKeyValueStore extends KeyValueStore {
  readonly isCaching: true
  readonly setFlushListener: (listener: FlushListener, sendOldValues: boolean) => void
}

/**
 * Puts a cache before `inner`.
 *
 * @since 0.1.0
 */
export const make = (inner: KeyValueStore, cache: RecordCache, context: Context): CachingKeyValueStore => {
  const entries = new BytesMap<Entry>()
  let listener: FlushListener | undefined
  let sendOldValues = false
  /** What was found or added last, while it is here. */
  let last: Entry | undefined
  /** How often anything was put, here or into the store below: what a scan has read ahead may be old then. */
  let changes = 0

  const passOn = (entry: Entry) => {
    const { headers, key, timestamp, value } = entry
    changes++
    if (listener === undefined) return inner.put(key, value, timestamp, headers)
    const old = value === null || sendOldValues ? inner.get(key)?.value ?? null : null
    if (value === null && old === null) return
    inner.put(key, value, timestamp, headers)
    listener(key, value, sendOldValues ? old : null, timestamp, headers)
  }
  const held = new StoreCache<Entry>(cache, {
    pass: (entry) => withOrigin(context, entry, entry, passOn),
    forget: (entry) => {
      entries.delete(entry.key)
      if (entry === last) last = undefined
    },
    valueOverheadBytes: 8
  })
  const add = (key: Uint8Array): Entry => {
    last = new Entry(new Uint8Array(key))
    entries.addOwned(last.key, last)
    return last
  }
  /** A key that is read is put next, most of the time. */
  const find = (key: Uint8Array): Entry | undefined => {
    if (last !== undefined && equalBytes(last.key, key)) return last
    last = entries.get(key)
    return last
  }
  const cachedRange = function*(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse?: boolean) {
    for (const [key, entry] of entries.range(from, to, reverse, gone)) yield entry === gone ? new Entry(key) : entry
  }
  const peek = (key: Uint8Array): Stored | undefined => {
    const entry = entries.get(key)
    return entry === undefined ? inner.get(key) : shown(entry)
  }
  const peekEntry = (key: Uint8Array): readonly [Uint8Array, Stored] | undefined => {
    const stored = peek(key)
    return stored === undefined ? undefined : [key, stored]
  }
  return {
    kind: "keyValue",
    isCaching: true,
    cache: held,
    name: inner.name,
    setFlushListener: (to, withOldValues) => {
      listener = to
      sendOldValues = withOldValues
    },
    get: (key) => {
      const entry = find(key)
      if (entry !== undefined) {
        held.hit(entry)
        return shown(entry)
      }
      held.miss()
      const stored = inner.get(key)
      if (stored === undefined) return undefined
      const read = add(key)
      held.read(read, stored.value, stored.timestamp)
      return shown(read)
    },
    peek,
    put: (key, value, timestamp, headers = noHeaders) => {
      changes++
      const entry = find(key)
      held.write(entry ?? add(key), entry === undefined, value, timestamp, headers, context)
    },
    range: (from, to, reverse) => {
      const changesBefore = changes
      return merged(
        held.scanned(cachedRange(from, to, reverse)),
        inner.range(from, to, reverse),
        reverse === true
          ? (entry, [key]) => compareBytes(key, entry.key)
          : (entry, [key]) => compareBytes(entry.key, key),
        {
          cached: ({ key }) => peekEntry(key),
          stored: (entry) => changes === changesBefore ? entry : peekEntry(entry[0])
        }
      )
    },
    get approximateNumEntries() {
      return inner.approximateNumEntries
    },
    restore: inner.restore,
    get isDirty() {
      return held.isDirty
    },
    ...held.lifecycle(inner, () => {
      entries.clear()
      last = undefined
    })
  }
}
