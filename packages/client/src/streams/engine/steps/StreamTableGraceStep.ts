/**
 * Joins of a stream with a versioned table that wait: each record meets what the table held at the record's own time.
 *
 * Keeps true: records leave in the order of time, each with its own timestamp, headers and coordinates, when stream time has
 * passed theirs by the grace; one that comes later than that is joined at once.
 * Leaves to others: what waits (the buffer), versions (the table's store).
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { type Context, type Headers, type Step, withOrigin } from "../Flow.ts"
import type { Buffered, JoinBuffer } from "../stores/StateStore.ts"
import type { Lookup } from "./JoinSteps.ts"

/**
 * Holds each record back and joins those whose time has come. A null value is dropped; so is a null key, but for a left join,
 * which it fails: there is nothing to hold it back by.
 *
 * @since 0.1.0
 */
export const make = (
  node: Resolved.StreamTableJoin,
  name: string,
  context: Context,
  table: Lookup,
  buffer: { readonly store: JoinBuffer; readonly serdes: { readonly key: Serde.Any; readonly value: Serde.Any } },
  forward: Step
): Step => {
  const { join, left } = node
  const { serdes, store } = buffer

  const joined = (key: unknown, value: unknown, timestamp: number, headers: Headers) => {
    context.node = name
    const right = table.get(key, timestamp)
    if (right !== null || left) forward(key, join(value, right, key), null, timestamp, headers)
  }
  const pass = ({ key, source, value }: Buffered) =>
    joined(serdes.key.deserializeUnsafe(key), serdes.value.deserializeUnsafe(value), source.timestamp, source.headers)
  const release = (buffered: Buffered) => withOrigin(context, buffered.source, buffered, pass)
  return (key, value, _old, timestamp, headers) => {
    if (value === null || (key === null && !left)) {
      context.dropped++
      return
    }
    context.node = name
    if (key === null) {
      throw new TypeError("a left join with grace takes no null keys; filter them out, or join them apart")
    }
    const { offset, partition, topic } = context
    const source = { topic, partition, offset, timestamp, headers }
    const isKept = store.put(serdes.key.serializeUnsafe(key), serdes.value.serializeUnsafe(value), source)
    if (!isKept) joined(key, value, timestamp, headers)
    store.release(release)
  }
}
