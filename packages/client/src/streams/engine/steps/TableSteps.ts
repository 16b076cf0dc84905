/**
 * The processors of tables: changes in, changes out.
 *
 * Keeps true: a node with `sendOldValues` gives the old value of each change, one without gives null; with a store, old
 * values come from it.
 * Leaves to others: which nodes need old values or stores (decided when the topology was resolved).
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { equalBytes } from "../stores/BytesMap.ts"
import type { Context, Step } from "../Flow.ts"
import { type KeyValueAccess, putAggregate } from "../stores/StoreAccess.ts"

/**
 * A stream becomes a table: the last value in offset order wins; a null key is dropped.
 *
 * @since 0.1.0
 */
export const source = (
  node: Resolved.TableSource,
  name: string,
  context: Context,
  store: KeyValueAccess | undefined,
  forward: Step
): Step => {
  // as Kafka, which looks at what was there in any case: a cache takes it in
  const reads = store !== undefined && (node.sendOldValues || store.isCaching)
  return (key, value, _old, timestamp, headers) => {
    if (key === null) {
      context.dropped++
      return
    }
    context.node = name
    const old = reads ? store.get(key) : null
    store?.put(key, value, timestamp, headers)
    forward(key, value, old, timestamp, headers)
  }
}

/**
 * A change whose sides go through `compute`; `skipsNothing` says that a change from null to null is not passed on.
 */
const computed = (
  compute: (value: unknown, key: unknown) => unknown,
  sendOldValues: boolean,
  skipsNothing: boolean,
  name: string,
  context: Context,
  store: KeyValueAccess | undefined,
  forward: Step
): Step =>
(key, value, old, timestamp, headers) => {
  context.node = name
  const newValue = value === null ? null : compute(value, key)
  const oldValue = !sendOldValues
    ? null
    : store !== undefined
    ? store.get(key)
    : old === null
    ? null
    : compute(old, key)
  if (skipsNothing && sendOldValues && newValue === null && oldValue === null) return
  store?.put(key, newValue, timestamp, headers)
  forward(key, newValue, oldValue, timestamp, headers)
}

/**
 * What a table's filter makes of a value.
 *
 * @since 0.1.0
 */
export const kept = (
  node: { readonly predicate: (value: unknown, key: unknown) => boolean; readonly negate: boolean }
) => {
  const { negate, predicate } = node
  return (value: unknown, key: unknown): unknown => predicate(value, key) !== negate ? value : null
}

/**
 * Each side of a change stays if the predicate holds.
 *
 * @since 0.1.0
 */
export const filter = (
  node: Resolved.TableFilter,
  name: string,
  context: Context,
  store: KeyValueAccess | undefined,
  forward: Step
): Step => computed(kept(node), node.sendOldValues, !node.isVersioned, name, context, store, forward)

/**
 * A new value for each side of a change.
 *
 * @since 0.1.0
 */
export const mapValues = (
  node: Resolved.TableMapValues,
  name: string,
  context: Context,
  store: KeyValueAccess | undefined,
  forward: Step
): Step => computed(node.f, node.sendOldValues, false, name, context, store, forward)

/**
 * The new value as a stream's record.
 *
 * @since 0.1.0
 */
export const toStream = (forward: Step): Step => (key, value, _old, timestamp, headers) =>
  forward(key, value, null, timestamp, headers)

/**
 * A change under the keys that its sides are grouped by: one change if both have one key, else the old side taken from its
 * group before the new one is added to its own. Keys are compared by their bytes in `keySerde`.
 *
 * @since 0.1.0
 */
export const groupBy = (
  node: Resolved.TableGroupBy,
  name: string,
  context: Context,
  keySerde: Serde.Any,
  forward: Step
): Step => {
  const { f, isVersioned, splits } = node
  const isWhole = (pair: readonly [unknown, unknown] | null) => pair !== null && pair[0] !== null && pair[1] !== null
  const isSame = (a: unknown, b: unknown) =>
    a === b || equalBytes(keySerde.serializeUnsafe(a), keySerde.serializeUnsafe(b))
  return (key, value, old, timestamp, headers) => {
    if (isVersioned && !context.isLatest) return
    context.node = name
    const newPair = value === null ? null : f(key, value)
    const oldPair = old === null ? null : f(key, old)
    const hasOld = isWhole(oldPair)
    const hasNew = isWhole(newPair)
    if (!splits && hasOld && hasNew && isSame(oldPair![0], newPair![0])) {
      forward(newPair![0], newPair![1], oldPair![1], timestamp, headers)
      return
    }
    if (hasOld) forward(oldPair![0], null, oldPair![1], timestamp, headers)
    if (hasNew) forward(newPair![0], newPair![1], null, timestamp, headers)
  }
}

const requireKey = (key: unknown, name: string): void => {
  if (key === null) throw new TypeError(`a grouped table has no null keys (${name})`)
}

/**
 * Takes the old side out of its group's aggregate and adds the new one.
 *
 * @since 0.1.0
 */
export const aggregate = (
  node: Resolved.TableAggregate,
  name: string,
  context: Context,
  store: KeyValueAccess,
  forward: Step
): Step => {
  const { add, initial, remove, sendOldValues } = node
  return (key, value, old, timestamp, headers) => {
    context.node = name
    requireKey(key, name)
    const stored = store.get(key)
    const at = stored === null ? timestamp : Math.max(timestamp, store.timestamp)
    const oldAggregate = sendOldValues ? store.get(key) : null
    let current = old !== null && stored !== null ? remove(stored, old, key) : stored
    if (value !== null) current = add(current === null ? initial() : current, value, key)
    putAggregate(store, key, current, at, timestamp, headers)
    forward(key, current, oldAggregate, at, headers)
  }
}

/**
 * As `aggregate`; the first value of a group is its aggregate.
 *
 * @since 0.1.0
 */
export const reduce = (
  node: Resolved.TableReduce,
  name: string,
  context: Context,
  store: KeyValueAccess,
  forward: Step
): Step => {
  const { add, remove, sendOldValues } = node
  return (key, value, old, timestamp, headers) => {
    context.node = name
    requireKey(key, name)
    const stored = store.get(key)
    const at = stored === null ? timestamp : Math.max(timestamp, store.timestamp)
    const oldAggregate = sendOldValues ? store.get(key) : null
    let current = old !== null && stored !== null ? remove(stored, old) : stored
    if (value !== null) current = current === null ? value : add(current, value)
    putAggregate(store, key, current, at, timestamp, headers)
    forward(key, current, oldAggregate, at, headers)
  }
}

/**
 * Puts what the sides of a join of tables give into the store, if there is one.
 *
 * @since 0.1.0
 */
export const joinMerge = (
  node: Resolved.TableJoinMerge,
  name: string,
  context: Context,
  store: KeyValueAccess | undefined,
  forward: Step
): Step => {
  const { sendOldValues } = node
  return (key, value, old, timestamp, headers) => {
    context.node = name
    store?.put(key, value, timestamp, headers)
    forward(key, value, sendOldValues ? old : null, timestamp, headers)
  }
}
