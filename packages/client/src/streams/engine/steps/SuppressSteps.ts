/**
 * Changes of a table, held back until a window closes or for a time.
 *
 * Keeps true: what leaves does so with the timestamp, headers and place of the record that made it; nothing leaves but when a
 * record comes.
 * Leaves to others: the order of what is held back (the buffer).
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type * as Windowed from "@millrace/core/serde/Windowed"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { type Context, originOf, type Step, withOrigin } from "../Flow.ts"
import type { Lookup } from "./JoinSteps.ts"
import type { Held, SuppressBuffer } from "../stores/StateStore.ts"

/**
 * Holds each change back. `WindowCloses`: until stream time has passed its window's end by the grace, deletions for good.
 * `TimeLimit`: for the given time. Beyond the limits the oldest leave early, or the task fails. `onEmit` is called for each that
 * has left.
 *
 * @since 0.1.0
 */
export const suppress = (
  node: Resolved.TableSuppress,
  name: string,
  context: Context,
  buffer: SuppressBuffer,
  serdes: { readonly key: Serde.Any; readonly value: Serde.Any },
  forward: Step,
  onEmit?: () => void
): Step => {
  const { graceMs, sendOldValues, suppressed } = node
  const { recordsMax, sizeMaxBytes, whenFull } = suppressed.buffer
  const isFinal = suppressed.until === "WindowCloses"
  const waitMs = isFinal ? graceMs ?? 0 : suppressed.waitMs
  let streamTime = -1

  const emit = ({ held: { newValue, old, source }, key }: { readonly key: Uint8Array; readonly held: Held }) => {
    const oldValue = sendOldValues ? Serde.fromBytesUnsafe(serdes.value, old) : null
    const value = Serde.fromBytesUnsafe(serdes.value, newValue)
    forward(serdes.key.deserializeUnsafe(key), value, oldValue, source.timestamp, source.headers)
    onEmit?.()
  }
  const emitFirst = () => {
    const { first } = buffer
    if (first === undefined) return
    // those below still see it as held back
    if (!isFinal || first.held.newValue !== null) withOrigin(context, first.held.source, first, emit)
    buffer.removeFirst()
  }
  const isFull = () => buffer.count > recordsMax || buffer.sizeBytes > sizeMaxBytes

  return (key, value, old, timestamp, headers) => {
    context.node = name
    if (timestamp > streamTime) streamTime = timestamp
    const bytes = serdes.key.serializeUnsafe(key)
    const oldValue = Serde.toBytesUnsafe(serdes.value, old)
    const before = buffer.get(bytes)
    buffer.put(isFinal ? (key as Windowed.Windowed<unknown>).end : timestamp, bytes, {
      prior: before === undefined ? oldValue : before.prior,
      old: oldValue,
      newValue: Serde.toBytesUnsafe(serdes.value, value),
      source: { ...originOf(context), timestamp, headers }
    })
    while (buffer.firstTime <= streamTime - waitMs) emitFirst()
    if (!isFull()) return
    if (whenFull === "ShutDown") {
      context.node = name
      throw new RangeError(
        `${buffer.count} records of ${buffer.sizeBytes} bytes are held back, more than the buffer may hold; allow it more`
      )
    }
    while (buffer.count > 0 && isFull()) emitFirst()
  }
}

/**
 * A suppressed table as those below it see it: the value before what is held back.
 *
 * @since 0.1.0
 */
export const lookup = (
  inner: Lookup,
  buffer: SuppressBuffer,
  serdes: { readonly key: Serde.Any; readonly value: Serde.Any }
): Lookup => {
  const shown: Lookup = {
    timestamp: -1,
    get: (key) => {
      const held = buffer.get(serdes.key.serializeUnsafe(key))
      if (held !== undefined) {
        shown.timestamp = -1
        return Serde.fromBytesUnsafe(serdes.value, held.prior)
      }
      const value = inner.get(key)
      shown.timestamp = inner.timestamp
      return value
    }
  }
  return shown
}
