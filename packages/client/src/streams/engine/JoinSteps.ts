/**
 * Joins of a stream with a table, by lookup.
 *
 * Keeps true: the table's value is that of this moment; nothing is sent when the table changes.
 * Leaves to others: which input goes first (`PartitionGroup`), co-partitioning.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Step } from "./Flow.ts"
import type { KeyValueAccess } from "./StoreAccess.ts"
import * as TableSteps from "./TableSteps.ts"

/**
 * Reads a table's value by key, null if there is none.
 *
 * @since 0.1.0
 */
export type Lookup = (key: unknown) => unknown

/**
 * A lookup in a store, or through the filters and mappings of a table that has none; undefined for a view that is not
 * executed yet.
 *
 * @since 0.1.0
 */
export const lookup = (
  view: Resolved.TableView,
  storeOf: (name: string) => KeyValueAccess
): Lookup | undefined => {
  if (view._tag === "Store") return storeOf(view.store).get
  if (view._tag === "Suppress") return undefined
  const inner = lookup(view.of, storeOf)
  const compute = view._tag === "Filter" ? TableSteps.kept(view) : view.f
  return inner === undefined ? undefined : (key) => {
    const value = inner(key)
    return value === null ? null : compute(value, key)
  }
}

/**
 * Joins each record with the table's value. A null value is dropped; so is a null key, unless it is a left join.
 *
 * @since 0.1.0
 */
export const streamTable = (
  node: Resolved.StreamTableJoin,
  name: string,
  context: Context,
  table: Lookup,
  forward: Step
): Step => {
  const { join, left } = node
  return (key, value, _old, timestamp, headers) => {
    if (value === null || (key === null && !left)) {
      context.dropped++
      return
    }
    context.node = name
    const right = key === null ? null : table(key)
    if (right !== null || left) forward(key, join(value, right, key), null, timestamp, headers)
  }
}
