/**
 * A window store in the memory of the process: windows by start, each a map of keys.
 *
 * Keeps true: a put is logged before it returns, also one that has expired, as Kafka does; windows that start at or
 * before (largest start put − retention) are dropped as a whole.
 * Leaves to others: which records a window still accepts (the aggregation's grace).
 *
 * @since 0.1.0
 */
import { BytesMap, ownBytes } from "./BytesMap.ts"
import type { Headers } from "../Flow.ts"
import type { ChangeLog, Stored, WindowEntry, WindowStore } from "./StateStore.ts"
import { inOrderOfTime } from "./WindowKey.ts"

interface Entry extends Stored {
  value: Uint8Array
  timestamp: number
  headers: Headers | undefined
}

/**
 * Makes an empty store. `retentionMs` is how far back from the largest start windows are kept. `segmentMs` is what a store on
 * disk forgets at once: it takes what is late until then, though it does not show it. `keepsHeaders`: the headers of a value
 * are kept with it.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  log: ChangeLog,
  segmentMs?: number,
  keepsHeaders = false
): WindowStore => {
  const windows = new Map<number, BytesMap<Entry>>()
  /** Starts of `windows`, ascending. */
  let starts: Array<number> = []
  let observedStart = -1

  const firstFrom = (start: number): number => {
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle]! < start) low = middle + 1
      else high = middle
    }
    return low
  }
  const expire = () => {
    const kept = firstFrom(observedStart - retentionMs + 1)
    if (kept === 0) return
    for (let i = 0; i < kept; i++) windows.delete(starts[i]!)
    starts = starts.slice(kept)
  }
  const apply = (
    key: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    given?: Headers
  ): boolean => {
    if (windowStart > observedStart) {
      observedStart = windowStart
      expire()
    }
    if (windowStart <= observedStart - retentionMs) return false
    let window = windows.get(windowStart)
    if (value === null) {
      window?.delete(key)
      return true
    }
    if (window === undefined) {
      window = new BytesMap()
      windows.set(windowStart, window)
      starts.splice(firstFrom(windowStart), 0, windowStart)
    }
    const owned = ownBytes(value)
    const headers = keepsHeaders ? given : undefined
    const held = window.get(key)
    if (held === undefined) {
      window.set(key, { value: owned, timestamp, headers })
    } else {
      held.value = owned
      held.timestamp = timestamp
      held.headers = headers
    }
    return true
  }
  const isSegmentLive = (windowStart: number): boolean =>
    segmentMs !== undefined &&
    Math.floor(windowStart / segmentMs) >= Math.floor((observedStart - retentionMs) / segmentMs)
  const startsBetween = (from: number, to: number, reverse = false) => {
    const between: Array<number> = []
    for (let i = firstFrom(from); i < starts.length && starts[i]! <= to; i++) between.push(starts[i]!)
    return reverse ? between.reverse() : between
  }
  function* fetch(key: Uint8Array, from: number, to: number, reverse = false): Generator<WindowEntry> {
    for (const windowStart of startsBetween(from, to, reverse)) {
      const stored = windows.get(windowStart)?.get(key)
      if (stored !== undefined) yield { key, windowStart, stored }
    }
  }
  function* startedAt(
    windowStart: number,
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    reverse: boolean
  ): Generator<WindowEntry> {
    for (const [key, stored] of windows.get(windowStart)?.range(keyFrom, keyTo, reverse) ?? []) {
      yield { key, windowStart, stored }
    }
  }
  const wipe = () => {
    windows.clear()
    starts = []
    observedStart = -1
  }
  return {
    kind: "window",
    name,
    ...inOrderOfTime(log, apply, isSegmentLive, startsBetween, startedAt),
    get: (key, windowStart) => windows.get(windowStart)?.get(key),
    fetch,
    flush: () => {},
    wipe,
    close: wipe
  }
}
