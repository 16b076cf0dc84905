/**
 * A window store that keeps every value that is put, in the memory of the process: a side of a join of streams, or a
 * processor's store with duplicates.
 *
 * Keeps true: values of a key are in the order of their times, and of their puts where the times are equal; each put is
 * logged with its headers under a sequence number of its own, also one of null, of which nothing is kept. What is at or before (largest time
 * put − retention) is not given back. Expired puts are refused as Kafka refuses them: one by one in memory, by whole segments
 * on disk, where a put of null does not count.
 * Leaves to others: which values meet (the join).
 *
 * @since 0.1.0
 */
import { BytesMap, compareBytes, equalBytes, ownBytes } from "./BytesMap.ts"
import { sequenceOf, windowKey, windowStartOf, windowSuffixLength } from "./WindowKey.ts"
import type { ChangeLog, WindowEntry, WindowPlace, WindowStore } from "./StateStore.ts"

/** Keys that no record comes for any more are looked for when stream time has moved by the retention, but not more often. */
const sweepMinMs = 1000

const none: ReadonlyArray<WindowEntry> = []

/**
 * Makes an empty store that logs to `log`. `segmentMs` undefined: values expire one by one.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  segmentMs: number | undefined,
  log: ChangeLog
): WindowStore => {
  const keys = new BytesMap<Array<WindowEntry>>()
  let observed = -1
  let swept = -1
  let sequence = 0
  /** On disk Kafka finds a value by its time only if it was put last. */
  let last: WindowEntry | undefined

  const isExpired = (time: number): boolean =>
    segmentMs === undefined
      ? time <= observed - retentionMs
      : Math.floor(time / segmentMs) < Math.floor(Math.max(0, observed - retentionMs) / segmentMs)
  /** Lets go of what has expired of a key once it is the greater part of what is held. */
  const trim = (key: Uint8Array, entries: Array<WindowEntry>) => {
    const expired = firstFrom(entries, observed - retentionMs + 1)
    if (expired === entries.length) keys.delete(key)
    else if (expired * 2 > entries.length) entries.splice(0, expired)
  }
  const sweep = () => {
    swept = observed
    for (const [key, entries] of keys.range(undefined, undefined)) trim(key, entries)
  }
  const apply = (key: Uint8Array, value: Uint8Array | null, time: number, timestamp: number): boolean => {
    if (value === null && segmentMs !== undefined) return true
    if (time > observed) observed = time
    last = undefined
    if (isExpired(time)) return false
    if (value === null) return true
    const entries = keys.get(key)
    const stored = { value: ownBytes(value), timestamp }
    const entry: WindowEntry = { key: entries?.[0]?.key ?? key, windowStart: time, stored }
    if (segmentMs !== undefined) last = entry
    if (entries === undefined) keys.set(key, [entry])
    else if (entries[entries.length - 1]!.windowStart <= time) entries.push(entry)
    else entries.splice(firstFrom(entries, time + 1), 0, entry)
    if (entries !== undefined) trim(key, entries)
    if (observed - swept > Math.max(retentionMs, sweepMinMs)) sweep()
    return true
  }
  const fetch = (key: Uint8Array, from: number, to: number): ReadonlyArray<WindowEntry> => {
    const entries = keys.get(key)
    if (entries === undefined) return none
    const first = firstFrom(entries, Math.max(from, observed - retentionMs + 1))
    const end = firstFrom(entries, to + 1)
    return first < end ? entries.slice(first, end) : none
  }
  /** In memory by time and then key, on disk by segment, key and time. */
  const inOrder = segmentMs === undefined
    ? (a: WindowPlace, b: WindowPlace) => a.windowStart - b.windowStart || compareBytes(a.key, b.key)
    : (a: WindowPlace, b: WindowPlace) =>
      Math.floor(a.windowStart / segmentMs) - Math.floor(b.windowStart / segmentMs) ||
      compareBytes(windowKey(a.key, a.windowStart, 0), windowKey(b.key, b.windowStart, 0))
  const fetchRange: WindowStore["fetchRange"] = (keyFrom, keyTo, from, to, reverse = false, after) => {
    const found: Array<WindowEntry> = []
    for (const [key] of keys.range(keyFrom, keyTo)) found.push(...fetch(key, from, to))
    found.sort(inOrder)
    if (reverse) found.reverse()
    const sign = reverse ? -1 : 1
    return after === undefined ? found : found.filter((entry) => sign * inOrder(entry, after) > 0)
  }
  const wipe = () => {
    keys.clear()
    observed = -1
    swept = -1
    sequence = 0
    last = undefined
  }
  return {
    kind: "window",
    name,
    get: (key, windowStart) => {
      const isLast = last !== undefined && last.windowStart === windowStart && equalBytes(last.key, key)
      return isLast && windowStart > observed - retentionMs ? last?.stored : undefined
    },
    put: (key, value, windowStart, timestamp, headers) => {
      const kept = apply(key, value, windowStart, timestamp)
      sequence = (sequence + 1) & 0x7fffffff
      log.append(windowKey(key, windowStart, sequence), value, timestamp, headers)
      return kept
    },
    fetch: (key, from, to, reverse = false) => reverse ? [...fetch(key, from, to)].reverse() : fetch(key, from, to),
    fetchRange,
    compare: inOrder,
    restore: (key, value, timestamp) => {
      sequence = sequenceOf(key)
      apply(key.slice(0, key.length - windowSuffixLength), value, windowStartOf(key), timestamp)
    },
    flush: () => {},
    wipe,
    close: wipe
  }
}

/** The first index whose time is not smaller. */
const firstFrom = (entries: ReadonlyArray<WindowEntry>, time: number): number => {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.windowStart < time) low = middle + 1
    else high = middle
  }
  return low
}
