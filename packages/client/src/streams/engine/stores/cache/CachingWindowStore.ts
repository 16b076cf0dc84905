/**
 * A window store behind a cache: what is put reaches the store, its changelog and the nodes below only when it is flushed.
 *
 * Keeps true: reads see what was put; the deletion of a window that the store below never had is not passed on. A window
 * that has expired meanwhile is counted as dropped when it is flushed. A scan gives each window that was there when it began,
 * and still is when it comes to it, once, with the value of that moment: also when entries leave the cache meanwhile.
 * Leaves to others: when to flush (the task, before a commit), and the limit (`RecordCache`).
 *
 * @since 0.1.0
 */
import { type Context, type Headers, noHeaders, withOrigin } from "../../Flow.ts"
import { BytesMap, equalBytes } from "../BytesMap.ts"
import type { WindowEntry, WindowPlace, WindowStore } from "../StateStore.ts"
import { merged } from "./merged.ts"
import { CacheEntry, type RecordCache, shown, StoreCache } from "./RecordCache.ts"

/** The start, a sequence number, and the number of its segment, which Kafka's cache has before the key. */
const suffixBytes = 8 + 4 + 8

class Entry extends CacheEntry {
  readonly key: Uint8Array
  readonly windowStart: number

  constructor(key: Uint8Array, windowStart: number) {
    super()
    this.key = key
    this.windowStart = windowStart
  }

  get keyBytes(): number {
    return this.key.length + suffixBytes
  }
}

/**
 * Who gets the changes of the store when they are flushed.
 *
 * @since 0.1.0
 */
export type FlushListener = (
  key: Uint8Array,
  windowStart: number,
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
export interface CachingWindowStore extends WindowStore {
  readonly isCaching: true
  readonly setFlushListener: (listener: FlushListener, sendOldValues: boolean) => void
}

/** The first entry that starts at `start` or later. */
const firstFrom = (windows: ReadonlyArray<Entry>, start: number): number => {
  let low = 0
  let high = windows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (windows[middle]!.windowStart < start) low = middle + 1
    else high = middle
  }
  return low
}

const noWindows: ReadonlyArray<Entry> = []

/** The order of the windows of one key, in all stores. */
const byStart = (cached: Entry, stored: WindowEntry) => cached.windowStart - stored.windowStart

const reversed = <A, B>(compare: (a: A, b: B) => number) => (a: A, b: B): number => -compare(a, b)

/**
 * Puts a cache before `inner`.
 *
 * @since 0.1.0
 */
export const make = (inner: WindowStore, cache: RecordCache, context: Context): CachingWindowStore => {
  /** By key, and then by start. */
  const entries = new BytesMap<Array<Entry>>()
  let listener: FlushListener | undefined
  let sendOldValues = false
  /** The windows of the key that was looked for last, while there are any. */
  let last: Array<Entry> | undefined
  /** How often anything was put, here or into the store below: what a scan has read ahead may be old then. */
  let changes = 0

  const put = ({ headers, key, timestamp, value, windowStart }: Entry) => {
    if (!inner.put(key, value, windowStart, timestamp, headers)) context.dropped++
  }
  const passOn = (entry: Entry) => {
    changes++
    if (listener === undefined) return put(entry)
    const { headers, key, timestamp, value, windowStart } = entry
    const old = value === null || sendOldValues ? inner.get(key, windowStart)?.value ?? null : null
    if (value === null && old === null) return
    put(entry)
    listener(key, windowStart, value, sendOldValues ? old : null, timestamp, headers)
  }
  const forget = ({ key, windowStart }: Entry) => {
    const windows = entries.get(key)
    if (windows === undefined) return
    windows.splice(firstFrom(windows, windowStart), 1)
    if (windows.length > 0) return
    entries.delete(key)
    if (last === windows) last = undefined
  }
  const held = new StoreCache<Entry>(cache, {
    pass: (entry) => withOrigin(context, entry, entry, passOn),
    forget,
    valueOverheadBytes: 8
  })
  /** A key that is read is put next, most of the time. */
  const windowsOf = (key: Uint8Array): Array<Entry> | undefined => {
    if (last !== undefined && equalBytes(last[0]!.key, key)) return last
    last = entries.get(key)
    return last
  }
  const find = (key: Uint8Array, windowStart: number): Entry | undefined => {
    const windows = windowsOf(key) ?? noWindows
    const entry = windows[firstFrom(windows, windowStart)]
    return entry?.windowStart === windowStart ? entry : undefined
  }
  const add = (key: Uint8Array, windowStart: number): Entry => {
    const windows = windowsOf(key)
    const entry = new Entry(windows === undefined ? new Uint8Array(key) : windows[0]!.key, windowStart)
    if (windows === undefined) entries.addOwned(entry.key, last = [entry])
    else windows.splice(firstFrom(windows, windowStart), 0, entry)
    return entry
  }
  const between = (windows: ReadonlyArray<Entry>, from: number, to: number): ReadonlyArray<Entry> => {
    const first = firstFrom(windows, from)
    let end = first
    while (end < windows.length && windows[end]!.windowStart <= to) end++
    return windows.slice(first, end)
  }
  const peekEntry = ({ key, windowStart }: WindowPlace): WindowEntry | undefined => {
    const entry = find(key, windowStart)
    const stored = entry === undefined ? inner.get(key, windowStart) : shown(entry)
    return stored === undefined ? undefined : { key, windowStart, stored }
  }
  const withCached = (
    cached: ReadonlyArray<Entry>,
    stored: Iterable<WindowEntry>,
    compare: (cached: Entry, stored: WindowEntry) => number
  ): Iterable<WindowEntry> => {
    const changesBefore = changes
    return merged(held.scanned(cached), stored, compare, {
      cached: peekEntry,
      stored: (entry) => changes === changesBefore ? entry : peekEntry(entry)
    })
  }
  return {
    kind: "window",
    isCaching: true,
    cache: held,
    name: inner.name,
    setFlushListener: (to, withOldValues) => {
      listener = to
      sendOldValues = withOldValues
    },
    get: (key, windowStart) => {
      const entry = find(key, windowStart)
      if (entry === undefined) {
        held.miss()
        return inner.get(key, windowStart)
      }
      held.hit(entry)
      return shown(entry)
    },
    put: (key, value, windowStart, timestamp, headers = noHeaders) => {
      changes++
      const entry = find(key, windowStart)
      held.write(entry ?? add(key, windowStart), entry === undefined, value, timestamp, headers, context)
      return true
    },
    fetch: (key, from, to, reverse = false) => {
      const cached = between(entries.get(key) ?? noWindows, from, to)
      const [first, order] = reverse ? [[...cached].reverse(), reversed(byStart)] : [cached, byStart]
      return withCached(first, inner.fetch(key, from, to, reverse), order)
    },
    fetchRange: (keyFrom, keyTo, from, to, reverse = false, after) => {
      const order = reverse ? reversed(inner.compare) : inner.compare
      const found: Array<Entry> = []
      for (const [, windows] of entries.range(keyFrom, keyTo)) found.push(...between(windows, from, to))
      const cached = after === undefined ? found : found.filter((entry) => order(entry, after) > 0)
      return withCached(cached.sort(order), inner.fetchRange(keyFrom, keyTo, from, to, reverse, after), order)
    },
    compare: inner.compare,
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
