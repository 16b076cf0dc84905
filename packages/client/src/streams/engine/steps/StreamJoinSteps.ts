/**
 * Joins of two streams: each side looks into the window of the other.
 *
 * Keeps true: a record is looked up before it is put into the window of its own side, so it never meets itself; results
 * leave in the order of their partners' times, at the later time of both. What is kept alone leaves at its own time, once the
 * stream time of both sides is later than its window and the grace, and never after it has met a partner.
 * Leaves to others: how long records are kept (the stores), co-partitioning.
 *
 * @since 0.1.0
 */
import type { SidedKey, SidedValue } from "@millrace/core/serde/JoinSide"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as JoinWindows from "@millrace/core/streams/JoinWindows"
import type { Context, Headers, Step } from "../Flow.ts"
import type { IterableAccess, WindowAccess } from "../stores/StoreAccess.ts"
import type { Throttle } from "./WindowClose.ts"

/**
 * Passes a record on, and then puts it into the window of its side.
 *
 * @since 0.1.0
 */
export const joinWindow = (name: string, context: Context, store: WindowAccess, forward: Step): Step =>
(
  key,
  value,
  old,
  timestamp,
  headers
) => {
  forward(key, value, old, timestamp, headers)
  if (key === null) return
  context.node = name
  if (!store.put(key, value, timestamp, timestamp, headers)) context.dropped++
}

/**
 * What both sides of a join know of time.
 *
 * @since 0.1.0
 */
export interface JoinTime {
  streamTime: number
  /** No record that waits alone is older, as far as the last look went; infinite before it found any. */
  minTime: number
  nextLookAt: number
}

/**
 * The time of a join that has seen nothing.
 *
 * @since 0.1.0
 */
export const makeTime = (): JoinTime => ({ streamTime: -1, minTime: Number.POSITIVE_INFINITY, nextLookAt: 0 })

/**
 * Records that wait alone, of both sides.
 *
 * @since 0.1.0
 */
export type Unmatched = IterableAccess<SidedKey<unknown>, ReadonlyArray<SidedValue<unknown, unknown>>>

/**
 * One side of a join.
 *
 * @since 0.1.0
 */
export const join = (
  node: Resolved.StreamJoin,
  name: string,
  context: Context,
  stores: { readonly other: WindowAccess; readonly unmatched: Unmatched | undefined },
  time: JoinTime,
  throttle: Throttle,
  forward: Step
): Step => {
  const { keepsOwn, side, windows } = node
  const { other, unmatched } = stores
  const leftSide = side === "Left"
  const [beforeMs, afterMs] = leftSide ? [windows.beforeMs, windows.afterMs] : [windows.afterMs, windows.beforeMs]
  const pair = leftSide
    ? node.join
    : (own: unknown, other: unknown, key: unknown): unknown => node.join(other, own, key)
  const emit = unmatched === undefined
    ? undefined
    : unmatchedOf(node, unmatched, time, throttle, afterMs + windows.graceMs, forward)

  return (key, value, _old, timestamp, headers) => {
    if (timestamp > time.streamTime) time.streamTime = timestamp
    context.node = name
    if (key === null || value === null) {
      if (keepsOwn && value !== null) forward(key, pair(value, null, key), null, timestamp, headers)
      else context.dropped++
      return
    }
    if (emit !== undefined && timestamp === time.streamTime) emit(timestamp, headers)
    const from = Math.max(0, timestamp - beforeMs)
    const to = Math.max(0, timestamp + afterMs)
    const found = other.fetch(key, from, to)
    for (let i = 0; i < found.length; i++) {
      const { start, value: met } = found[i]!
      context.node = name
      if (unmatched !== undefined) {
        const alone = { key, timestamp: start, leftSide: !leftSide }
        if (unmatched.get(alone) !== null) unmatched.put(alone, null, timestamp)
      }
      forward(key, pair(value, met, key), null, Math.max(timestamp, start), headers)
    }
    if (!keepsOwn || found.length > 0) return
    if (unmatched === undefined || to < time.streamTime) {
      context.node = name
      forward(key, pair(value, null, key), null, timestamp, headers)
      return
    }
    if (timestamp < time.minTime) time.minTime = timestamp
    const alone = { key, timestamp, leftSide }
    const added = leftSide ? { left: value } : { right: value }
    unmatched.put(alone, [...unmatched.get(alone) ?? [], added], timestamp)
  }
}

/**
 * Lets go what has waited until no partner can come any more, the oldest first. It looks only if the oldest known may be one,
 * and at most once per interval; its look ends at the first of each side that must still wait.
 */
const unmatchedOf = (
  node: Resolved.StreamJoin,
  store: Unmatched,
  time: JoinTime,
  throttle: Throttle,
  waitMs: number,
  forward: Step
): (timestamp: number, headers: Headers) => void => {
  const { join, windows } = node
  const isOpen = ({ leftSide, timestamp }: SidedKey<unknown>): boolean =>
    timestamp + (leftSide ? windows.afterMs : windows.beforeMs) + windows.graceMs >= time.streamTime

  /** With nothing known, Kafka looks as well, for its largest time overflows, unless there is nothing to wait for. */
  const mayHave = (): boolean =>
    time.minTime === Number.POSITIVE_INFINITY ? waitMs > 0 : time.minTime + waitMs < time.streamTime

  return (timestamp, headers) => {
    if (!mayHave()) return
    const now = throttle.currentTimeMillis()
    if (now < time.nextLookAt) return
    time.nextLookAt = now + throttle.joinIntervalMs
    time.minTime = Number.POSITIVE_INFINITY
    let gone: SidedKey<unknown> | undefined
    let isLeftOpen = false
    let isRightOpen = false
    for (const [alone, values] of store.all()) {
      time.minTime = alone.timestamp
      if (isLeftOpen && isRightOpen) break
      if (isOpen(alone)) {
        if (alone.leftSide) isLeftOpen = true
        else isRightOpen = true
        // Kafka looks at the values of a key one by one, so its second one ends the look
        if (isLeftOpen && isRightOpen && values.length > 1) break
        continue
      }
      for (let i = 0; i < values.length; i++) {
        const { left = null, right = null } = values[i]!
        forward(alone.key, join(left, right, alone.key), null, alone.timestamp, headers)
        if (i === 0 && gone !== undefined) store.put(gone, null, timestamp)
      }
      gone = alone
    }
    if (gone !== undefined) store.put(gone, null, timestamp)
  }
}

/**
 * Both sides of a join of a stream with itself: what the left side would give, then what the right one would, with the pair of
 * the record and itself among them.
 *
 * @since 0.1.0
 */
export const selfJoin = (
  node: Resolved.StreamSelfJoin,
  name: string,
  context: Context,
  store: WindowAccess,
  forward: Step
): Step => {
  const { join, windows } = node
  const { afterMs, beforeMs } = windows
  const retentionMs = JoinWindows.retentionMs(windows)
  let streamTime = -1
  return (key, value, _old, timestamp, headers) => {
    if (key === null || value === null) {
      context.dropped++
      return
    }
    context.node = name
    if (timestamp > streamTime) streamTime = timestamp
    const self = join(value, value, key)
    let isSelfDue = timestamp > streamTime - retentionMs + 1
    for (const met of store.fetch(key, Math.max(0, timestamp - beforeMs), Math.max(0, timestamp + afterMs))) {
      forward(key, join(value, met.value, key), null, Math.max(timestamp, met.start), headers)
      context.node = name
    }
    for (const met of store.fetch(key, Math.max(0, timestamp - afterMs), Math.max(0, timestamp + beforeMs))) {
      if (isSelfDue && met.start > timestamp) {
        isSelfDue = false
        forward(key, self, null, timestamp, headers)
      }
      context.node = name
      forward(key, join(met.value, value, key), null, Math.max(timestamp, met.start), headers)
    }
    if (isSelfDue) forward(key, self, null, timestamp, headers)
  }
}
