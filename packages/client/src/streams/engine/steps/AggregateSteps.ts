/**
 * Aggregations of streams: over all time, and in time windows.
 *
 * Keeps true: an aggregate is stored and passed on at the greater of the record's and the stored timestamp; null deletes, and
 * is logged at the record's own.
 * A windowed aggregation keeps its own stream time and takes a record into the windows that are still open at it.
 * Leaves to others: regrouping (repartition topics), expiry of stored windows (the store).
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Headers, Step } from "../Flow.ts"
import { type KeyValueAccess, putAggregate, type WindowAccess } from "../stores/StoreAccess.ts"
import { type Throttle, WindowClose } from "./WindowClose.ts"

/**
 * `aggregate = add(stored ?? initial(), value, key)`; a null key or value is dropped.
 *
 * @since 0.1.0
 */
export const streamAggregate = (
  node: Resolved.StreamAggregate,
  name: string,
  context: Context,
  store: KeyValueAccess,
  forward: Step
): Step => {
  const { add, initial, sendOldValues } = node
  return (key, value, _old, timestamp, headers) => {
    if (key === null || value === null) {
      context.dropped++
      return
    }
    context.node = name
    const stored = store.get(key)
    const before = stored === null ? initial() : stored
    const at = stored === null ? timestamp : Math.max(timestamp, store.timestamp)
    // an aggregate that is changed in place must not change the old value that is passed on
    const old = sendOldValues ? stored === null ? initial() : store.get(key) : null
    const aggregate = add(before, value, key)
    putAggregate(store, key, aggregate, at, timestamp, headers)
    forward(key, aggregate, old, at, headers)
  }
}

/**
 * The first value of a key is its aggregate, later ones are reduced into it; a null key or value is dropped.
 *
 * @since 0.1.0
 */
export const streamReduce = (
  node: Resolved.StreamReduce,
  name: string,
  context: Context,
  store: KeyValueAccess,
  forward: Step
): Step => {
  const { reduce, sendOldValues } = node
  return (key, value, _old, timestamp, headers) => {
    if (key === null || value === null) {
      context.dropped++
      return
    }
    context.node = name
    const stored = store.get(key)
    const at = stored === null ? timestamp : Math.max(timestamp, store.timestamp)
    const old = sendOldValues ? store.get(key) : null
    const aggregate = stored === null ? value : reduce(stored, value)
    putAggregate(store, key, aggregate, at, timestamp, headers)
    forward(key, aggregate, old, at, headers)
  }
}

/**
 * An aggregate for each window that holds the record's timestamp; a null key is dropped, and so is each window that has
 * closed (its end is not after stream time − grace).
 *
 * @since 0.1.0
 */
export const windowedAggregate = (
  node: Resolved.WindowedAggregate,
  name: string,
  context: Context,
  store: WindowAccess,
  throttle: Throttle,
  forward: Step
): Step => {
  const { add, initial, sendOldValues, windows } = node
  const isUnlimited = windows._tag === "UnlimitedWindows"
  const { advanceMs, graceMs, sizeMs } = isUnlimited
    ? { advanceMs: Number.POSITIVE_INFINITY, graceMs: 0, sizeMs: Number.POSITIVE_INFINITY }
    : windows
  const close = node.emit === "OnWindowClose" ? new WindowClose(throttle, context, node.store, name) : undefined
  const firstStart = (timestamp: number): number =>
    isUnlimited ? windows.startMs : Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs
  const isSameWindows = (a: number, b: number): boolean =>
    Math.floor(a / advanceMs) === Math.floor(b / advanceMs) && firstStart(a) === firstStart(b)
  let streamTime = -1

  const emitClosed = (close: WindowClose, closeTime: number, headers: Headers) => {
    const to = closeTime - sizeMs
    if (!close.isDue(closeTime) || to < 0) return
    const from = close.last === -1 ? 0 : Math.max(0, close.last - sizeMs) + 1
    if (close.last !== -1 && isSameWindows(to, from - 1)) return
    close.last = closeTime
    close.emit(
      () => store.fetchAll(from, to),
      ({ key, start, timestamp, value }) =>
        forward({ key, start, end: start + sizeMs }, value, null, timestamp, headers)
    )
  }
  return (key, value, _old, timestamp, headers) => {
    if (key === null) {
      context.dropped++
      return
    }
    if (timestamp > streamTime) streamTime = timestamp
    const closeTime = streamTime - graceMs
    for (let start = firstStart(timestamp); start <= timestamp; start += advanceMs) {
      const end = start + sizeMs
      if (end <= closeTime) {
        context.dropped++
        continue
      }
      context.node = name
      const stored = store.get(key, start)
      const before = stored === null ? initial() : stored
      const at = stored === null ? timestamp : Math.max(timestamp, store.timestamp)
      const old = sendOldValues ? stored === null ? initial() : store.get(key, start) : null
      const aggregate = add(before, value, key)
      if (!store.put(key, aggregate, start, aggregate === null ? timestamp : at, headers)) context.dropped++
      if (close === undefined) forward({ key, start, end }, aggregate, old, at, headers)
    }
    if (close !== undefined) emitClosed(close, closeTime, headers)
  }
}
