/**
 * A window store in the order of Kafka's stores on disk: by key and then start, within a segment of time.
 *
 * Keeps true: a put is logged before it returns, also one that has expired; what starts at or before (largest start put −
 * retention) is not given back, what is in a segment before that is dropped. The bytes of its keys are those of the
 * changelog: key, start, sequence number.
 * Leaves to others: which records a window still accepts.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import { compareBytes, equalBytes, ownBytes } from "./BytesMap.ts"
import { windowKey, windowStartOf, windowSuffixLength } from "./InMemoryWindowStore.ts"
import { Segments } from "./Segments.ts"
import type { ChangeLog, Stored, WindowEntry, WindowStore } from "./StateStore.ts"

const keyOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - windowSuffixLength)

/**
 * Makes an empty store. `keepsHeaders`: the headers of a value are kept with it.
 *
 * @since 0.1.0
 */
export const make = (name: string, retentionMs: number, log: ChangeLog, keepsHeaders = false): WindowStore => {
  const segments = new Segments<Stored>(retentionMs)

  const apply = (
    key: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    headers?: Headers
  ): boolean => {
    const segment = segments.segmentOf(windowStart)
    if (segment === undefined) return false
    const bytes = windowKey(key, windowStart, 0)
    if (value === null) segment.delete(bytes)
    else segment.set(bytes, { value: ownBytes(value), timestamp, headers: keepsHeaders ? headers : undefined })
    return true
  }
  function* fetch(key: Uint8Array, from: number, to: number, reverse = false): Generator<WindowEntry> {
    const first = Math.max(from, segments.firstTime, 0)
    const last = Math.min(to, Number.MAX_SAFE_INTEGER)
    if (last < first) return
    const bounds = [windowKey(key, first, 0), windowKey(key, last, 0)] as const
    for (const [bytes, stored] of segments.range(first, last, ...bounds, reverse)) {
      if (equalBytes(keyOf(bytes), key)) yield { key, windowStart: windowStartOf(bytes), stored }
    }
  }
  function* fetchRange(
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    from: number,
    to: number,
    reverse = false
  ): Generator<WindowEntry> {
    const first = Math.max(from, segments.firstTime)
    for (const [bytes, stored] of segments.range(first, to, keyFrom, undefined, reverse)) {
      const key = keyOf(bytes)
      const windowStart = windowStartOf(bytes)
      const isWithin = windowStart >= first && windowStart <= to &&
        (keyFrom === undefined || compareBytes(keyFrom, key) <= 0) &&
        (keyTo === undefined || compareBytes(key, keyTo) <= 0)
      if (isWithin) yield { key, windowStart, stored }
    }
  }
  const wipe = () => segments.clear()
  return {
    kind: "window",
    name,
    get: (key, windowStart) => segments.get(windowStart, windowKey(key, windowStart, 0)),
    put: (key, value, windowStart, timestamp, headers) => {
      const kept = apply(key, value, windowStart, timestamp, headers)
      log.append(windowKey(key, windowStart, 0), value, timestamp, headers)
      return kept
    },
    fetch,
    fetchRange,
    compare: (a, b) =>
      segments.compare(a.windowStart, b.windowStart) ||
      compareBytes(windowKey(a.key, a.windowStart, 0), windowKey(b.key, b.windowStart, 0)),
    fetchAll: (from, to) =>
      [...fetchRange(undefined, undefined, from, to)].sort((a, b) => a.windowStart - b.windowStart),
    restore: (bytes, value, timestamp, headers) => {
      apply(keyOf(bytes), value, windowStartOf(bytes), timestamp, headers)
    },
    flush: () => {},
    wipe,
    close: wipe
  }
}
