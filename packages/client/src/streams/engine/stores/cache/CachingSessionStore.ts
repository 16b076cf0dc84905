/**
 * A session store behind a cache: what is put reaches the store, its changelog and the nodes below only when it is flushed.
 *
 * Keeps true: reads see what was put; a session that came and went between two flushes is not passed on. A session that has
 * expired meanwhile is counted as dropped when it is flushed, where the store counts that.
 * Leaves to others: when to flush (the task, before a commit), and the limit (`RecordCache`).
 *
 * @since 0.1.0
 */
import { type Context, type Headers, noHeaders, withOrigin } from "../../Flow.ts"
import { BytesMap } from "../BytesMap.ts"
import type { SessionEntry, SessionPlace, SessionStore } from "../StateStore.ts"
import { merged } from "./merged.ts"
import { CacheEntry, type RecordCache, StoreCache } from "./RecordCache.ts"

/** End and start, and the number of its segment, which Kafka's cache has before the key. */
const suffixBytes = 8 + 8 + 8

class Entry extends CacheEntry {
  readonly key: Uint8Array
  readonly start: number
  readonly end: number

  constructor(key: Uint8Array, start: number, end: number) {
    super()
    this.key = key
    this.start = start
    this.end = end
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
  start: number,
  end: number,
  newValue: Uint8Array | null,
  oldValue: Uint8Array | null,
  headers: Headers
) => void

/**
 * A caching store. `setFlushListener`: who gets the changes; old values are null if `sendOldValues` is false.
 *
 * @since 0.1.0
 */
export interface CachingSessionStore extends SessionStore {
  readonly isCaching: true
  readonly setFlushListener: (listener: FlushListener, sendOldValues: boolean) => void
}

interface Bounds {
  readonly start: number
  readonly end: number
}

const byTime = (a: Bounds, b: Bounds) => a.end - b.end || a.start - b.start
const placeOf = (entry: Entry): SessionPlace => ({ key: entry.key, session: entry })

/**
 * Puts a cache before `inner`. `countsExpired`: whether a session that has expired in `inner` counts as dropped.
 *
 * @since 0.1.0
 */
export const make = (
  inner: SessionStore,
  countsExpired: boolean,
  cache: RecordCache,
  context: Context
): CachingSessionStore => {
  /** By key, and then by end and start. */
  const entries = new BytesMap<Array<Entry>>()
  let listener: FlushListener | undefined
  let sendOldValues = false

  const stored = (key: Uint8Array, start: number, end: number): Uint8Array | null =>
    inner.find(key, end, start).find((each) => each.start === start && each.end === end)?.value ?? null
  const put = ({ end, headers, key, start, timestamp, value }: Entry) => {
    if (!inner.put(key, start, end, value, timestamp, headers) && countsExpired) context.dropped++
  }
  const passOn = (entry: Entry) => {
    if (listener === undefined) return put(entry)
    const { end, headers, key, start, value } = entry
    const old = value === null || sendOldValues ? stored(key, start, end) : null
    if (value === null && old === null) return
    put(entry)
    listener(key, start, end, value, sendOldValues ? old : null, headers)
  }
  const place = (sessions: ReadonlyArray<Entry>, bounds: Bounds): number => {
    let at = sessions.length
    while (at > 0 && byTime(sessions[at - 1]!, bounds) >= 0) at--
    return at
  }
  const held = new StoreCache<Entry>(cache, {
    pass: (entry) => withOrigin(context, entry, entry, passOn),
    forget: (entry) => {
      const sessions = entries.get(entry.key)
      if (sessions === undefined) return
      sessions.splice(place(sessions, entry), 1)
      if (sessions.length === 0) entries.delete(entry.key)
    },
    valueOverheadBytes: 0
  })
  const entryAt = (key: Uint8Array, bounds: Bounds): Entry | undefined => {
    const sessions = entries.get(key)
    const entry = sessions?.[place(sessions, bounds)]
    return entry !== undefined && byTime(entry, bounds) === 0 ? entry : undefined
  }
  const add = (key: Uint8Array, bounds: Bounds): Entry => {
    const entry = new Entry(key.slice(), bounds.start, bounds.end)
    const sessions = entries.get(key)
    if (sessions === undefined) entries.set(key, [entry])
    else sessions.splice(place(sessions, bounds), 0, entry)
    return entry
  }
  const hold: SessionStore["put"] = (key, start, end, value, timestamp, headers = noHeaders) => {
    const bounds = { start, end }
    const entry = entryAt(key, bounds)
    held.write(entry ?? add(key, bounds), entry === undefined, value, timestamp, headers, context)
    return true
  }
  /** What is cached, if it starts at `latestStart` or earlier, and what is stored, in the order of the store. */
  const mergedBy = (
    compare: SessionStore["compare"],
    cached: Array<Entry>,
    found: Iterable<SessionEntry>,
    latestStart: number
  ): Iterable<SessionEntry> => {
    cached.sort((a, b) => compare(placeOf(a), placeOf(b)))
    return merged(held.scanned(cached), found, (entry, other) => compare(placeOf(entry), other), {
      cached: ({ end, key, start, value }) =>
        value === null || start > latestStart ? undefined : { key, session: { start, end, value } },
      stored: (each) => each
    })
  }
  return {
    kind: "session",
    isCaching: true,
    cache: held,
    name: inner.name,
    setFlushListener: (to, withOldValues) => {
      listener = to
      sendOldValues = withOldValues
    },
    find: (key, earliestEnd, latestStart) => {
      const cached = (entries.get(key) ?? []).filter(({ end }) => end >= earliestEnd)
      const found = inner.find(key, earliestEnd, latestStart)
      if (cached.length === 0) return found
      const stored = found.map((session) => ({ key, session }))
      return Array.from(mergedBy(inner.compare, cached, stored, latestStart), ({ session }) => session)
    },
    findRange: (keyFrom, keyTo, earliestEnd, latestStart, after) => {
      const cached: Array<Entry> = []
      for (const [, sessions] of entries.range(keyFrom, keyTo)) {
        for (const entry of sessions) {
          const follows = after === undefined || inner.compare(placeOf(entry), after) > 0
          if (follows && entry.end >= earliestEnd) cached.push(entry)
        }
      }
      const found = inner.findRange(keyFrom, keyTo, earliestEnd, latestStart, after)
      return mergedBy(inner.compare, cached, found, latestStart)
    },
    compare: inner.compare,
    put: hold,
    remove: (key, start, end, timestamp, headers) => void hold(key, start, end, null, timestamp, headers),
    endedBetween: (from, to) => {
      const cached: Array<Entry> = []
      for (const [, sessions] of entries.range(undefined, undefined)) {
        cached.push(...sessions.filter(({ end }) => end >= from && end <= to))
      }
      return [...mergedBy(inner.compareEnded, cached, inner.endedBetween(from, to), Number.POSITIVE_INFINITY)]
    },
    compareEnded: inner.compareEnded,
    restore: inner.restore,
    get isDirty() {
      return held.isDirty
    },
    ...held.lifecycle(inner, () => entries.clear())
  }
}
