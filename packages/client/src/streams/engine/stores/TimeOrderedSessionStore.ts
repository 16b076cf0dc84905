/**
 * A session store in the order of Kafka's time-ordered stores on disk: by end, start and then key, as sessions close.
 *
 * Keeps true: a put is logged before it returns, also one that has expired; sessions that end at or before (largest end put −
 * retention) are not given back, but a scan by end still shows them until their segment has expired. All is in one ordered map:
 * a session below its end, an index by key below -1, and the largest end.
 * Leaves to others: which records a session still takes.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import { compareBytes, equalBytes } from "./BytesMap.ts"
import { ExpiredEntries } from "./ExpiredEntries.ts"
import { addressOf, keyOf, type OrderedMap, prefixOf, StoredNumber } from "./OrderedMap.ts"
import { compareEndedInSegments, logged, sessionKey, sessionOf } from "./SessionKey.ts"
import type { ChangeLog, Session, SessionEntry, SessionPlace, SessionStore } from "./StateStore.ts"
import * as StoredBytes from "./StoredBytes.ts"

/** The last of all in the order of unsigned bytes. */
const indexPrefix = -1

const nothing = new Uint8Array(0)

const timeMax = Number.MAX_SAFE_INTEGER

/** Where a session is: below its end, its start before its key. */
const placeOf = (key: Uint8Array, start: number, end: number): Uint8Array => addressOf(end, addressOf(start, key))

/** Which session is at a place. */
const sessionAt = (address: Uint8Array): SessionPlace => {
  const rest = keyOf(address)
  return { key: keyOf(rest), session: { start: prefixOf(rest), end: prefixOf(address) } }
}

/** By end, key and start. */
const compare: SessionStore["compare"] = ({ key: a, session: one }, { key: b, session: other }) =>
  one.end - other.end || compareBytes(a, b) || one.start - other.start

/** Where the index says that a key has a session. */
const indexOf = (key: Uint8Array, start: number, end: number): Uint8Array =>
  addressOf(indexPrefix, sessionKey(key, start, end))

/**
 * Makes a store of what is in `map`. `segmentMs` is what Kafka's store forgets at once. `keepsHeaders`: the headers of an
 * aggregate are kept with it.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  segmentMs: number,
  log: ChangeLog,
  map: OrderedMap,
  keepsHeaders = false
): SessionStore => {
  const format = StoredBytes.timeless(keepsHeaders)
  const observed = new StoredNumber(map, 0, -1)
  const expired = new ExpiredEntries(map, (address) => {
    const { key, session } = sessionAt(address)
    map.delete(indexOf(key, session.start, session.end))
  })
  /** The first end that is given back, and the first that is still there. */
  const firstEnd = (): number => Math.max(observed.value - retentionMs + 1, 0)
  const firstHeld = (): number => Math.max(Math.floor((observed.value - retentionMs) / segmentMs) * segmentMs, 0)

  const apply = (
    key: Uint8Array,
    start: number,
    end: number,
    value: Uint8Array | null,
    headers?: Headers
  ): boolean => {
    if (end > observed.value) observed.value = end
    const first = firstHeld()
    expired.letGo(first)
    if (end < first) return false
    if (value === null) {
      map.delete(placeOf(key, start, end))
      map.delete(indexOf(key, start, end))
    } else {
      map.set(placeOf(key, start, end), format.write(value, end, headers))
      map.set(indexOf(key, start, end), nothing)
    }
    return true
  }
  const read = (start: number, end: number, bytes: Uint8Array): Session => {
    const { headers, value } = format.read(bytes)
    return { start, end, value, headers }
  }
  /** Sessions of all keys that end from `from` to `to`, by end, start and key. */
  function* byEnd(from: number, to: number): Generator<SessionEntry> {
    const last = Math.min(to, observed.value)
    if (last < from) return
    for (const [address, value] of map.range(addressOf(from), addressOf(last + 1))) {
      const { key, session: { end, start } } = sessionAt(address)
      if (end <= last) yield { key, session: read(start, end, value) }
    }
  }
  /** The index from one entry to another, without what is not given back any more. */
  function* indexed(from: Uint8Array, to: Uint8Array): Generator<SessionEntry> {
    const first = firstEnd()
    for (const [address] of map.range(from, to)) {
      const { end, key, start } = sessionOf(keyOf(address))
      const value = end < first ? undefined : map.get(placeOf(key, start, end))
      if (value !== undefined) yield { key, session: read(start, end, value) }
    }
  }
  /** The same by end, key and start. */
  function* inOrder(from: number): Generator<SessionEntry> {
    let together: Array<SessionEntry> = []
    for (const entry of byEnd(from, timeMax)) {
      if (together.length > 0 && together[0]!.session.end !== entry.session.end) {
        yield* together.sort(compare)
        together = []
      }
      together.push(entry)
    }
    yield* together.sort(compare)
  }
  return {
    kind: "session",
    name,
    ...logged(log, apply),
    find: (key, earliestEnd, latestStart) => {
      const first = Math.max(earliestEnd, firstEnd())
      const found: Array<Session> = []
      for (const entry of indexed(indexOf(key, 0, first), indexOf(key, timeMax, timeMax))) {
        const { end, start } = entry.session
        // a longer key may lie between
        if (end >= first && start <= latestStart && equalBytes(entry.key, key)) found.push(entry.session)
      }
      return found
    },
    *findRange(keyFrom, keyTo, earliestEnd, latestStart, after) {
      for (const entry of inOrder(Math.max(earliestEnd, firstEnd(), after?.session.end ?? 0))) {
        const isWithin = entry.session.start <= latestStart &&
          (after === undefined || compare(entry, after) > 0) &&
          (keyFrom === undefined || compareBytes(keyFrom, entry.key) <= 0) &&
          (keyTo === undefined || compareBytes(entry.key, keyTo) <= 0)
        if (isWithin) yield entry
      }
    },
    compare,
    endedBetween: (from, to) => [...byEnd(Math.max(from, firstHeld()), to)],
    compareEnded: compareEndedInSegments,
    flush: () => {},
    wipe: () => {
      map.clear()
      observed.reset()
      expired.reset()
    },
    close: () => {}
  }
}
