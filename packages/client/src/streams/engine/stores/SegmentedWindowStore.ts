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
import { compareBytes, equalBytes } from "./BytesMap.ts"
import { sequenceOf, windowKey, windowStartOf, windowSuffixLength } from "./WindowKey.ts"
import { type OrderedMap, StoredNumber } from "./OrderedMap.ts"
import { Segments } from "./Segments.ts"
import type { ChangeLog, WindowEntry, WindowPlace, WindowStore } from "./StateStore.ts"
import * as StoredBytes from "./StoredBytes.ts"

const keyOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - windowSuffixLength)

const sequenceMax = 0x7fffffff

/**
 * How a store is kept.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly map: OrderedMap
  /** The headers of a value are kept with it. */
  readonly keepsHeaders?: boolean
  /**
   * Each put adds a value, under a sequence number of its own; null adds nothing, though it is logged. As in Kafka, `get` then
   * finds a value only if it was put last.
   */
  readonly retainDuplicates?: boolean
}

/**
 * Makes a store of what is in its map.
 *
 * @since 0.1.0
 */
export const make = (name: string, retentionMs: number, log: ChangeLog, options: Options): WindowStore => {
  const { keepsHeaders = false, map, retainDuplicates = false } = options
  const segments = new Segments(map, retentionMs)
  const format = StoredBytes.timestamped(keepsHeaders)
  /** Of the last put. */
  const sequence = new StoredNumber(map, 1, 0)
  /** Of the last put that was not null. */
  const lastKept = new StoredNumber(map, 2, 0)

  const apply = (
    bytes: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    headers?: Headers
  ): boolean => {
    if (!retainDuplicates) {
      return segments.put(windowStart, bytes, value === null ? null : format.write(value, timestamp, headers))
    }
    sequence.value = sequenceOf(bytes)
    if (value === null) return true
    lastKept.value = sequence.value
    return segments.put(windowStart, bytes, format.write(value, timestamp, headers))
  }
  function* fetch(key: Uint8Array, from: number, to: number, reverse = false): Generator<WindowEntry> {
    const first = Math.max(from, segments.firstTime, 0)
    const last = Math.min(to, Number.MAX_SAFE_INTEGER)
    if (last < first) return
    const bounds = [windowKey(key, first, 0), windowKey(key, last, retainDuplicates ? sequenceMax : 0)] as const
    for (const [bytes, value] of segments.range(first, last, ...bounds, reverse)) {
      if (equalBytes(keyOf(bytes), key)) yield { key, windowStart: windowStartOf(bytes), stored: format.read(value) }
    }
  }
  function* fetchRange(
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    from: number,
    to: number,
    reverse = false,
    after?: WindowPlace
  ): Generator<WindowEntry> {
    const first = Math.max(from, segments.firstTime)
    const place = after && { time: after.windowStart, key: windowKey(after.key, after.windowStart, 0) }
    for (const [bytes, value] of segments.range(first, to, keyFrom, undefined, reverse, place)) {
      const key = keyOf(bytes)
      const windowStart = windowStartOf(bytes)
      const isWithin = windowStart >= first && windowStart <= to &&
        (keyFrom === undefined || compareBytes(keyFrom, key) <= 0) &&
        (keyTo === undefined || compareBytes(key, keyTo) <= 0)
      if (isWithin) yield { key, windowStart, stored: format.read(value) }
    }
  }
  return {
    kind: "window",
    name,
    get: (key, windowStart) => {
      const value = segments.get(windowStart, windowKey(key, windowStart, lastKept.value))
      return value === undefined ? undefined : format.read(value)
    },
    put: (key, value, windowStart, timestamp, headers) => {
      const bytes = windowKey(key, windowStart, retainDuplicates ? (sequence.value + 1) & sequenceMax : 0)
      const kept = apply(bytes, value, windowStart, timestamp, headers)
      log.append(bytes, value, timestamp, headers)
      return kept
    },
    fetch,
    fetchRange,
    compare: (a, b) =>
      segments.compare(a.windowStart, b.windowStart) ||
      compareBytes(windowKey(a.key, a.windowStart, 0), windowKey(b.key, b.windowStart, 0)),
    restore: (bytes, value, timestamp, headers) => {
      apply(bytes, value, windowStartOf(bytes), timestamp, headers)
    },
    flush: () => {},
    wipe: () => {
      segments.clear()
      sequence.reset()
      lastKept.reset()
    },
    close: () => {}
  }
}
