/**
 * Joins of a stream with a table, and of a table with a table, by lookup.
 *
 * Keeps true: the other table's value is that of this moment; a stream sends nothing when the table changes, a table does.
 * Leaves to others: which input goes first (`PartitionGroup`), co-partitioning.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Step } from "../Flow.ts"
import type { KeyValueAccess } from "../stores/StoreAccess.ts"
import * as TableSteps from "./TableSteps.ts"

/**
 * Reads a table's value by key, null if there is none. `timestamp` is that of the value that `get` found last.
 *
 * @since 0.1.0
 */
export type Lookup = Pick<KeyValueAccess, "get" | "timestamp">

/**
 * Opens stores for lookups.
 *
 * @since 0.1.0
 */
export interface Stores {
  readonly table: (name: string) => Lookup
  /** What is shown of a table by the buffer that holds its changes back. */
  readonly heldBack: (name: string, inner: Lookup) => Lookup
  /** What a transformer makes of a table at each lookup. */
  readonly transformed: (
    view: Extract<Resolved.TableView, { readonly _tag: "TransformValues" }>,
    inner: Lookup
  ) => Lookup
}

/**
 * A lookup in a store, or through the operators of a table that has none.
 *
 * @since 0.1.0
 */
export const lookup = (view: Resolved.TableView, stores: Stores): Lookup => {
  if (view._tag === "Store") return stores.table(view.store)
  if (view._tag === "Join") return joinLookup(view, lookup(view.left, stores), lookup(view.right, stores))
  const inner = lookup(view.of, stores)
  if (view._tag === "TransformValues") return stores.transformed(view, inner)
  if (view._tag === "Suppress") return stores.heldBack(view.store, inner)
  const compute = view._tag === "Filter" ? TableSteps.kept(view) : view.f
  const computed: Lookup = {
    timestamp: -1,
    get: (key, asOf) => {
      const value = inner.get(key, asOf)
      computed.timestamp = inner.timestamp
      return value === null ? null : compute(value, key)
    }
  }
  return computed
}

const joinLookup = (
  view: Extract<Resolved.TableView, { readonly _tag: "Join" }>,
  left: Lookup,
  right: Lookup
): Lookup => {
  const { join, kind } = view
  const joined: Lookup = {
    timestamp: -1,
    get: (key) => {
      const leftValue = left.get(key)
      if (leftValue === null && kind !== "Outer") return null
      const rightValue = right.get(key)
      if (rightValue === null && (kind === "Inner" || leftValue === null)) return null
      const leftTimestamp = leftValue === null ? -1 : left.timestamp
      joined.timestamp = rightValue === null ? leftTimestamp : Math.max(leftTimestamp, right.timestamp)
      return join(leftValue, rightValue, key)
    }
  }
  return joined
}

/**
 * Joins each record with the table's value, that of its time if the table is versioned. A null value is dropped; so is a null key, unless it is a left join.
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
    const right = key === null ? null : table.get(key, timestamp)
    if (right !== null || left) forward(key, join(value, right, key), null, timestamp, headers)
  }
}

/**
 * Joins each record with a global table's value for the key that is made of it. A null value is dropped; so is a record
 * without key for the table, unless it is a left join.
 *
 * @since 0.1.0
 */
export const streamGlobalTable = (
  node: Resolved.StreamGlobalTableJoin,
  name: string,
  context: Context,
  table: Lookup,
  forward: Step
): Step => {
  const { join, left, mapKey } = node
  return (key, value, _old, timestamp, headers) => {
    context.node = name
    const tableKey = value === null ? null : mapKey(key, value)
    if (value === null || (tableKey === null && !left)) {
      context.dropped++
      return
    }
    const right = tableKey === null ? null : table.get(tableKey)
    if (right !== null || left) forward(key, join(value, right, key), null, timestamp, headers)
  }
}

/**
 * Joins both sides of a table's change with what the other table holds now; a null key is dropped, and so is what is
 * not the latest of its key.
 *
 * @since 0.1.0
 */
export const tableTable = (
  node: Resolved.TableJoin,
  name: string,
  context: Context,
  table: Lookup,
  forward: Step
): Step => {
  const { flipped, isVersioned, keepsOther, keepsOwn, sendOldValues } = node
  const join = flipped
    ? (own: unknown, other: unknown, key: unknown): unknown => node.join(other, own, key)
    : node.join
  return (key, value, old, timestamp, headers) => {
    if (key === null || (isVersioned && !context.isLatest)) {
      context.dropped++
      return
    }
    context.node = name
    const other = table.get(key)
    if (other === null && (!keepsOwn || (value === null && old === null))) return
    const at = other === null ? timestamp : Math.max(timestamp, table.timestamp)
    const joinsNull = keepsOther && other !== null
    const newValue = value !== null || joinsNull ? join(value, other, key) : null
    const oldValue = sendOldValues && (old !== null || joinsNull) ? join(old, other, key) : null
    forward(key, newValue, oldValue, at, headers)
  }
}
