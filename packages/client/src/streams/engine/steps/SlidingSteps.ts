/**
 * Aggregations of streams in sliding windows.
 *
 * Keeps true: a window is there for each set of records that are near enough to each other, and only then: each record has
 * the window that ends with it (its left one), and the one that begins right after it (its right one) as soon as a record
 * is in it. A window's stored timestamp is that of its last record, which tells whether it holds more than its first.
 * Records earlier than the windows are long share the one window that begins at 0.
 * Leaves to others: regrouping, expiry of stored windows (the store).
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Headers, Step } from "../Flow.ts"
import type { FetchedWindow, WindowAccess } from "../stores/StoreAccess.ts"
import { type Throttle, WindowClose } from "./WindowClose.ts"

/** What the windows around a record say about it. */
interface Around {
  /** The window that ends before the record, nearest to it. */
  left: FetchedWindow | undefined
  /** The latest window that holds the record and what comes after it. */
  right: FetchedWindow | undefined
  hasLeft: boolean
  hasRight: boolean
  /** The timestamp of the record before this one; -1: there is none whose right window may be missing. */
  previous: number
}

/**
 * Takes each record into all of its windows; a null key or value is dropped, and so is a record all of whose windows have
 * closed, and each window that has.
 *
 * @since 0.1.0
 */
export const aggregate = (
  node: Resolved.SlidingAggregate,
  name: string,
  context: Context,
  store: WindowAccess,
  throttle: Throttle,
  forward: Step
): Step => {
  const { add, initial, sendOldValues } = node
  const { differenceMs, graceMs } = node.windows
  const close = node.emit === "OnWindowClose" ? new WindowClose(throttle, context, node.store, name) : undefined
  let streamTime = -1

  const emitClosed = (close: WindowClose, closeTime: number, headers: Headers) => {
    const to = closeTime - differenceMs - 1
    if (!close.isDue(closeTime) || to < 0) return
    const from = close.last === -1 ? 0 : Math.max(0, close.last - differenceMs)
    close.last = closeTime
    close.emit(
      () => store.fetchAll(from, to),
      ({ key, start, timestamp, value }) =>
        forward({ key, start, end: start + differenceMs }, value, null, timestamp, headers)
    )
  }

  const put = (key: unknown, start: number, value: unknown, timestamp: number, headers: Headers) => {
    if (!store.put(key, value, start, timestamp, headers)) context.dropped++
  }
  const update = (
    key: unknown,
    value: unknown,
    recordTime: number,
    headers: Headers,
    start: number,
    old: unknown,
    oldTime: number
  ) => {
    const end = start + differenceMs
    if (end < streamTime - graceMs) {
      context.dropped++
      return
    }
    context.node = name
    const shown = sendOldValues ? old : null
    const gathered = add(old, value, key)
    const at = old === null ? recordTime : Math.max(recordTime, oldTime)
    put(key, start, gathered, gathered === null ? recordTime : at, headers)
    if (close === undefined) forward({ key, start, end }, gathered, shown, at, headers)
  }
  const openRight = (key: unknown, recordTime: number, headers: Headers, right: FetchedWindow) => {
    const start = recordTime + 1
    put(key, start, right.value, right.timestamp, headers)
    if (close === undefined) {
      forward({ key, start, end: start + differenceMs }, right.value, null, right.timestamp, headers)
    }
  }

  const early: Step = (key, value, _old, timestamp, headers) => {
    const windows = store.fetch(key, 0, timestamp + 1)
    let combined: FetchedWindow | undefined
    let right: FetchedWindow | undefined
    let hasRight = false
    let previous = -1
    for (const window of windows) {
      if (window.start === 0) {
        combined = window
        if (window.timestamp < timestamp) previous = window.timestamp
      } else if (window.start <= timestamp) {
        right = window
        update(key, value, timestamp, headers, window.start, window.value, window.timestamp)
      } else {
        hasRight = true
      }
    }
    // what is in the combined window and later than the record is in the record's right window
    if (right === undefined && combined !== undefined && combined.timestamp > timestamp) right = combined
    if (!hasRight && right !== undefined && right.timestamp > timestamp) openRight(key, timestamp, headers, right)
    if (previous >= 0 && !windows.some((window) => window.start === previous + 1)) {
      update(key, value, timestamp, headers, previous + 1, initial(), timestamp)
    }
    if (combined === undefined) update(key, value, timestamp, headers, 0, initial(), timestamp)
    else update(key, value, timestamp, headers, 0, combined.value, combined.timestamp)
  }

  /** Updates the windows that hold the record, the latest first; undefined if no window is missing. */
  const updateAround = (
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: Headers,
    windows: ReadonlyArray<FetchedWindow>
  ): Around | undefined => {
    const around: Around = { left: undefined, right: undefined, hasLeft: false, hasRight: false, previous: -1 }
    for (let i = windows.length - 1; i >= 0; i--) {
      const window = windows[i]!
      const end = window.start + differenceMs
      if (window.start === timestamp + 1) {
        around.hasRight = true
      } else if (end > timestamp) {
        around.right ??= window
        update(key, value, timestamp, headers, window.start, window.value, window.timestamp)
      } else if (end === timestamp) {
        around.hasLeft = true
        update(key, value, timestamp, headers, window.start, window.value, window.timestamp)
        if (window.timestamp >= timestamp) return undefined
        around.previous = window.timestamp
      } else {
        around.left = window
        around.previous = window.timestamp
        break
      }
    }
    return around
  }

  const late: Step = (key, value, _old, timestamp, headers) => {
    if (differenceMs === 0) throw new RangeError("sliding windows of no length hold nothing; give a time difference")
    const windows = store.fetch(key, Math.max(0, timestamp - 2 * differenceMs), timestamp + 1)
    const around = updateAround(key, value, timestamp, headers, windows)
    if (around === undefined) return
    const { hasLeft, hasRight, left, previous, right } = around
    const previousRight = previous + 1
    if (
      previous >= 0 && previousRight + differenceMs >= timestamp && !windows.some((it) => it.start === previousRight)
    ) {
      update(key, value, timestamp, headers, previousRight, initial(), timestamp)
    }
    if (!hasLeft) {
      const isShared = previous >= 0 && left !== undefined && timestamp - differenceMs <= previous
      update(key, value, timestamp, headers, timestamp - differenceMs, isShared ? left.value : initial(), timestamp)
    }
    if (!hasRight && right !== undefined && right.timestamp > timestamp) openRight(key, timestamp, headers, right)
  }

  return (key, value, old, timestamp, headers) => {
    if (key === null || value === null) {
      context.dropped++
      return
    }
    if (timestamp > streamTime) streamTime = timestamp
    if (timestamp + 1 + differenceMs <= streamTime - graceMs) {
      context.dropped++
      return
    }
    context.node = name
    if (timestamp < differenceMs) return early(key, value, old, timestamp, headers)
    late(key, value, old, timestamp, headers)
    if (close !== undefined) emitClosed(close, streamTime - graceMs, headers)
  }
}
