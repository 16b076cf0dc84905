/**
 * Windows in changelogs, and what stores of windows in order of time do alike: each put is logged, whether or not it is kept.
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import type { Headers } from "../Flow.ts"
import { compareBytes, equalBytes, largerOf, partOf, smallerOf } from "./BytesMap.ts"
import type { ChangeLog, WindowEntry, WindowStore } from "./StateStore.ts"

/**
 * How many bytes of a changelog key follow the key: the start and the sequence number.
 *
 * @since 0.1.0
 */
export const windowSuffixLength = 12

/**
 * The changelog's key of a window: key, start as int64, sequence number as int32.
 *
 * @since 0.1.0
 */
export const windowKey = (key: Uint8Array, windowStart: number, sequence: number): Uint8Array => {
  const bytes = new Uint8Array(key.length + windowSuffixLength)
  bytes.set(key)
  Integers.writeLong(bytes, key.length, windowStart)
  Integers.writeInt(bytes, key.length + 8, sequence)
  return bytes
}

/**
 * The start in a changelog key.
 *
 * @since 0.1.0
 */
export const windowStartOf = (bytes: Uint8Array): number => Integers.readLong(bytes, bytes.length - windowSuffixLength)

/**
 * The sequence number in a changelog key.
 *
 * @since 0.1.0
 */
export const sequenceOf = (bytes: Uint8Array): number => Integers.readInt(bytes, bytes.length - 4)

/**
 * Puts and restores of a store in order of time that keeps windows by `apply` (false: it has expired), and its order. What is
 * late does not count as expired for as long as its segment is there, though it is not kept. `starts` gives those between two,
 * `startedAt` the windows of one and some keys; bounds are included.
 *
 * @since 0.1.0
 */
export const inOrderOfTime = (
  log: ChangeLog,
  apply: (
    key: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    headers?: Headers
  ) => boolean,
  isSegmentLive: (windowStart: number) => boolean,
  starts: (from: number, to: number, reverse: boolean) => Iterable<number>,
  startedAt: (
    windowStart: number,
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    reverse: boolean
  ) => Iterable<WindowEntry>
): Pick<WindowStore, "put" | "restore" | "fetchRange" | "compare"> => ({
  put: (key, value, windowStart, timestamp, headers) => {
    const kept = apply(key, value, windowStart, timestamp, headers)
    log.append(windowKey(key, windowStart, 0), value, timestamp, headers)
    return kept || isSegmentLive(windowStart)
  },
  restore: (bytes, value, timestamp, headers) => {
    apply(partOf(bytes, 0, bytes.length - windowSuffixLength), value, windowStartOf(bytes), timestamp, headers)
  },
  *fetchRange(keyFrom, keyTo, from, to, reverse = false, after) {
    const first = after === undefined || reverse ? from : Math.max(from, after.windowStart)
    const last = after === undefined || !reverse ? to : Math.min(to, after.windowStart)
    for (const windowStart of starts(first, last, reverse)) {
      const place = windowStart === after?.windowStart ? after.key : undefined
      const low = reverse ? keyFrom : largerOf(keyFrom, place)
      const high = reverse ? smallerOf(keyTo, place) : keyTo
      for (const entry of startedAt(windowStart, low, high, reverse)) {
        if (place === undefined || !equalBytes(entry.key, place)) yield entry
      }
    }
  },
  compare: (a, b) => a.windowStart - b.windowStart || compareBytes(a.key, b.key)
})
