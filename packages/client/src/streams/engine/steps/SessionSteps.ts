/**
 * Aggregations of streams in sessions.
 *
 * Keeps true: sessions of one key are further apart than the gap; a record that joins some deletes them, downstream too,
 * before the one that replaces them is passed on. Results have no headers, as in Kafka.
 * Leaves to others: regrouping, expiry of stored sessions (the store).
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { type Context, type Headers, noHeaders, type Step } from "../Flow.ts"
import type { SessionAccess } from "../stores/StoreAccess.ts"
import { type Throttle, WindowClose } from "./WindowClose.ts"

/**
 * One session for the record and all that are at most the gap away; a null key is dropped, and so is a record whose
 * session has closed. `countsExpired`: the store counts what it refuses.
 *
 * @since 0.1.0
 */
export const aggregate = (
  node: Resolved.SessionAggregate,
  name: string,
  context: Context,
  store: SessionAccess,
  countsExpired: boolean,
  throttle: Throttle,
  forward: Step
): Step => {
  const { add, initial, merge, sendOldValues } = node
  const { gapMs, graceMs } = node.windows
  const close = node.emit === "OnWindowClose" ? new WindowClose(throttle, context, node.store, name) : undefined
  let streamTime = -1
  const emitClosed = (close: WindowClose, closeTime: number, headers: Headers) => {
    if (!close.isDue(closeTime) || closeTime < 1) return
    const from = Math.max(0, close.last)
    close.last = closeTime
    close.emit(
      () => store.endedBetween(from, closeTime - 1),
      ({ end, key, start, value }) => forward({ key, start, end }, value, null, end, headers)
    )
  }
  /** Takes the record into its session; false if that is closed. */
  const gather = (key: unknown, value: unknown, timestamp: number, headers: Headers, closeTime: number): boolean => {
    const found = store.find(key, timestamp - gapMs, timestamp + gapMs)
    let merged = initial()
    let start = timestamp
    let end = timestamp
    for (let i = 0; i < found.length; i++) {
      const session = found[i]!
      merged = merge(merged, session.value, key)
      start = Math.min(start, session.start)
      end = Math.max(end, session.end)
    }
    if (end < closeTime) return false
    if (start !== timestamp || end !== timestamp) {
      for (let i = 0; i < found.length; i++) {
        const session = found[i]!
        put(key, session.start, session.end, null, timestamp, headers)
        if (close !== undefined) continue
        const old = sendOldValues ? session.value : null
        forward({ key, start: session.start, end: session.end }, null, old, session.end, noHeaders)
      }
    }
    context.node = name
    const gathered = add(merged, value, key)
    put(key, start, end, gathered, timestamp, headers)
    if (close === undefined) forward({ key, start, end }, gathered, null, end, noHeaders)
    return true
  }
  const put = (
    key: unknown,
    start: number,
    end: number,
    value: unknown,
    timestamp: number,
    headers: Headers
  ) => {
    if (!store.put(key, start, end, value, timestamp, headers) && countsExpired) context.dropped++
  }
  return (key, value, _old, timestamp, headers) => {
    if (key === null) {
      context.dropped++
      return
    }
    context.node = name
    if (timestamp > streamTime) streamTime = timestamp
    const closeTime = streamTime - graceMs - gapMs
    if (!gather(key, value, timestamp, headers, closeTime)) context.dropped++
    if (close !== undefined) emitClosed(close, closeTime, headers)
  }
}
