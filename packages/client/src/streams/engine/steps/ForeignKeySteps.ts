/**
 * Foreign-key joins of tables: subscriptions to the right side, and its answers.
 *
 * Keeps true: a row is subscribed to at most one foreign key; an answer counts only for the left value that it was asked
 * for, which is known by its hash.
 * Leaves to others: the topics between the sides (sinks and sources), the table of results (`TableSteps`).
 *
 * @since 0.1.0
 */
import { hash128 } from "@millrace/core/hash/Murmur3"
import * as ForeignKey from "@millrace/core/serde/ForeignKey"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Step } from "../Flow.ts"
import { equalBytes } from "../stores/BytesMap.ts"
import type { IterableAccess } from "../stores/StoreAccess.ts"
import type { Lookup } from "./JoinSteps.ts"

type Subscription = ForeignKey.Subscription<unknown>
type Response = ForeignKey.Response<unknown>

/**
 * Who is subscribed to what.
 *
 * @since 0.1.0
 */
export type Subscriptions = IterableAccess<ForeignKey.CombinedKey<unknown, unknown>, Subscription>

const hashOf = (serde: Serde.Any, value: unknown): Uint8Array | null =>
  value === null ? null : hash128(serde.serializeUnsafe(value))

const equalOrNull = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : equalBytes(a, b)

/**
 * Subscribes the rows of the left table as they change.
 *
 * @since 0.1.0
 */
export const subscribe = (
  node: Resolved.ForeignKeySubscribe,
  name: string,
  context: Context,
  forward: Step
): Step => {
  const { foreignKey, foreignKeySerde, isVersioned, left, valueSerde } = node
  const isSame = (a: unknown, b: unknown): boolean =>
    equalOrNull(Serde.toBytesUnsafe(foreignKeySerde, a), Serde.toBytesUnsafe(foreignKeySerde, b))

  return (key, value, old, timestamp, headers) => {
    if (isVersioned && !context.isLatest) {
      context.dropped++
      return
    }
    if (value === null && old === null) return
    context.node = name
    const oldKey = old === null ? null : foreignKey(old, key)
    const newKey = value === null ? null : foreignKey(value, key)
    const hash = hashOf(valueSerde, value)
    const send = (to: unknown, instruction: ForeignKey.Instruction) => {
      const subscription: Subscription = { hash, instruction, primaryKey: key, primaryPartition: context.partition }
      forward(to, subscription, null, timestamp, headers)
    }
    const isChanged = oldKey !== null && !isSame(oldKey, newKey)
    if (left) {
      if (isChanged) send(oldKey, "DeleteKeyNoPropagate")
      return send(newKey, "PropagateNullIfNoFkValAvailable")
    }
    if (newKey === null) {
      if (value !== null) context.dropped++
      if (oldKey !== null) send(oldKey, "DeleteKeyAndPropagate")
      return
    }
    if (isChanged) send(oldKey, "DeleteKeyNoPropagate")
    send(newKey, isChanged ? "PropagateNullIfNoFkValAvailable" : "PropagateOnlyIfFkValAvailable")
  }
}

/**
 * Keeps subscriptions, or forgets them.
 *
 * @since 0.1.0
 */
export const receive =
  (name: string, context: Context, store: Subscriptions, forward: Step): Step =>
  (key, value, _old, timestamp, headers) => {
    const subscription = value as Subscription
    const { instruction, primaryKey } = subscription
    context.node = name
    if (key === null) {
      if (instruction !== "PropagateNullIfNoFkValAvailable") {
        context.dropped++
        return
      }
    } else {
      const isOver = instruction === "DeleteKeyAndPropagate" || instruction === "DeleteKeyNoPropagate"
      store.put({ foreignKey: key, primaryKey }, isOver ? null : subscription, timestamp, headers)
    }
    forward(key, subscription, null, timestamp, headers)
  }

/**
 * Answers a subscription with what the right table holds now.
 *
 * @since 0.1.0
 */
export const respond =
  (name: string, context: Context, table: Lookup, forward: Step): Step => (key, value, _old, timestamp, headers) => {
    const { hash, instruction, primaryKey, primaryPartition } = value as Subscription
    if (instruction === "DeleteKeyNoPropagate") return
    context.node = name
    const found = key === null ? null : table.get(key)
    if (instruction === "PropagateOnlyIfFkValAvailable" && found === null) return
    const foreignValue = instruction === "DeleteKeyAndPropagate" ? null : found
    const response: Response = { hash, foreignValue, primaryPartition }
    forward(primaryKey, response, null, found === null ? timestamp : Math.max(timestamp, table.timestamp), headers)
  }

/**
 * Tells all that are subscribed to a key of the right table that its value changed.
 *
 * @since 0.1.0
 */
export const notify = (
  node: Resolved.ForeignKeyNotify,
  name: string,
  context: Context,
  store: Subscriptions,
  forward: Step
): Step => {
  const { foreignKeySerde, isVersioned } = node
  return (key, value, _old, timestamp, headers) => {
    if (key === null || (isVersioned && !context.isLatest)) {
      context.dropped++
      return
    }
    context.node = name
    const prefix = ForeignKey.combinedPrefix(foreignKeySerde.serializeUnsafe(key))
    for (const { hash, primaryKey, primaryPartition } of store.withPrefix(prefix)) {
      const response: Response = { hash, foreignValue: value, primaryPartition }
      forward(primaryKey, response, null, timestamp, headers)
    }
  }
}

/**
 * Joins an answer with the row that it is for, if that is still what it was.
 *
 * @since 0.1.0
 */
export const result = (
  node: Resolved.ForeignKeyResult,
  name: string,
  context: Context,
  table: Lookup,
  forward: Step
): Step => {
  const { join, left, valueSerde } = node
  return (key, value, _old, timestamp, headers) => {
    const { foreignValue, hash } = value as Response
    context.node = name
    const row = table.get(key)
    if (!equalOrNull(hash, hashOf(valueSerde, row))) {
      context.dropped++
      return
    }
    const isGone = foreignValue === null && (!left || row === null)
    forward(key, isGone ? null : join(row, foreignValue, key), null, timestamp, headers)
  }
}
