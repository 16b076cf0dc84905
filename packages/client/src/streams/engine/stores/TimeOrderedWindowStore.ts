/**
 * A window store in the order of Kafka's time-ordered stores on disk: by start and then key, as windows close.
 *
 * Keeps true: a put is logged before it returns, also one that has expired; what starts at or before (largest start put −
 * retention) is not given back. All is in one ordered map: the entries of a window below its start, and the largest start.
 * Leaves to others: which records a window still accepts.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import { ExpiredEntries } from "./ExpiredEntries.ts"
import { addressOf, keyOf, type OrderedMap, prefixOf, StoredNumber } from "./OrderedMap.ts"
import type { ChangeLog, WindowEntry, WindowStore } from "./StateStore.ts"
import * as StoredBytes from "./StoredBytes.ts"
import { inOrderOfTime } from "./WindowKey.ts"

/**
 * Makes a store of what is in `map`. `segmentMs` is what Kafka's store forgets at once: a put that is late is not counted as
 * expired until then, though it is not kept. `keepsHeaders`: the headers of a value are kept with it.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  log: ChangeLog,
  map: OrderedMap,
  segmentMs: number,
  keepsHeaders = false
): WindowStore => {
  const format = StoredBytes.timestamped(keepsHeaders)
  const observed = new StoredNumber(map, 0, -1)
  const expired = new ExpiredEntries(map)
  const firstStart = (): number => Math.max(observed.value - retentionMs + 1, 0)

  const apply = (
    key: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    headers?: Headers
  ): boolean => {
    if (windowStart > observed.value) observed.value = windowStart
    const first = firstStart()
    expired.letGo(first)
    if (windowStart < first) return false
    const address = addressOf(windowStart, key)
    if (value === null) map.delete(address)
    else map.set(address, format.write(value, timestamp, headers))
    return true
  }
  const isSegmentLive = (windowStart: number): boolean =>
    Math.floor(windowStart / segmentMs) >= Math.floor((observed.value - retentionMs) / segmentMs)
  /** The next start at or after `from` of what is held; `reverse`: at or before `to`. */
  const nextStart = (from: number, to: number, reverse: boolean): number | undefined => {
    for (const [address] of map.range(addressOf(from), addressOf(to + 1), reverse)) {
      const start = prefixOf(address)
      if (start <= to) return start
    }
    return undefined
  }
  function* starts(from: number, to: number, reverse: boolean): Generator<number> {
    let [first, last] = [Math.max(from, firstStart()), Math.min(to, observed.value)]
    while (first <= last) {
      const start = nextStart(first, last, reverse)
      if (start === undefined) return
      yield start
      if (reverse) last = start - 1
      else first = start + 1
    }
  }
  function* fetch(key: Uint8Array, from: number, to: number, reverse = false): Generator<WindowEntry> {
    for (const windowStart of starts(from, to, reverse)) {
      const value = map.get(addressOf(windowStart, key))
      if (value !== undefined) yield { key, windowStart, stored: format.read(value) }
    }
  }
  function* startedAt(
    windowStart: number,
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    reverse: boolean
  ): Generator<WindowEntry> {
    const end = keyTo === undefined ? addressOf(windowStart + 1) : addressOf(windowStart, keyTo)
    for (const [address, value] of map.range(addressOf(windowStart, keyFrom), end, reverse)) {
      if (prefixOf(address) !== windowStart) continue
      yield { key: keyOf(address), windowStart, stored: format.read(value) }
    }
  }
  return {
    kind: "window",
    name,
    ...inOrderOfTime(log, apply, isSegmentLive, starts, startedAt),
    get: (key, windowStart) => {
      const value = windowStart < firstStart() ? undefined : map.get(addressOf(windowStart, key))
      return value === undefined ? undefined : format.read(value)
    },
    fetch,
    flush: () => {},
    wipe: () => {
      map.clear()
      observed.reset()
      expired.reset()
    },
    close: () => {}
  }
}
