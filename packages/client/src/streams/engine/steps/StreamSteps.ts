/**
 * The stateless processors of streams.
 *
 * Keeps true: records leave in the order in which user functions gave them, with the timestamp and headers they came with.
 * Leaves to others: state (`AggregateSteps`, `TableSteps`, `JoinSteps`).
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { Context, Step } from "../Flow.ts"

/**
 * Passes what satisfies the predicate.
 *
 * @since 0.1.0
 */
export const filter = (node: Resolved.Filter, name: string, context: Context, forward: Step): Step => {
  const { negate, predicate } = node
  return (key, value, old, timestamp, headers) => {
    context.node = name
    if (predicate(value, key) !== negate) forward(key, value, old, timestamp, headers)
  }
}

/**
 * Drops null keys, uncounted, unless it stands before a join that keeps them.
 *
 * @since 0.1.0
 */
export const nullKeyFilter = (node: Resolved.NullKeyFilter, forward: Step): Step =>
  node.relaxed ? forward : (key, value, old, timestamp, headers) => {
    if (key !== null) forward(key, value, old, timestamp, headers)
  }

/**
 * A new key and value.
 *
 * @since 0.1.0
 */
export const map = (node: Resolved.Map, name: string, context: Context, forward: Step): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    const pair = f(key, value)
    forward(pair[0], pair[1], old, timestamp, headers)
  }
}

/**
 * A new key.
 *
 * @since 0.1.0
 */
export const selectKey = (node: Resolved.SelectKey, name: string, context: Context, forward: Step): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    forward(f(key, value), value, old, timestamp, headers)
  }
}

/**
 * A new value.
 *
 * @since 0.1.0
 */
export const mapValues = (node: Resolved.MapValues, name: string, context: Context, forward: Step): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    forward(key, f(value, key), old, timestamp, headers)
  }
}

/**
 * Any number of records. A generator runs between the records it gives, so the node is set again for each.
 *
 * @since 0.1.0
 */
export const flatMap = (node: Resolved.FlatMap, name: string, context: Context, forward: Step): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    for (const pair of f(key, value)) {
      forward(pair[0], pair[1], old, timestamp, headers)
      context.node = name
    }
  }
}

/**
 * Any number of records with the same key.
 *
 * @since 0.1.0
 */
export const flatMapValues = (node: Resolved.FlatMapValues, name: string, context: Context, forward: Step): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    for (const each of f(value, key)) {
      forward(key, each, old, timestamp, headers)
      context.node = name
    }
  }
}

/**
 * Shows the record to `f`, then passes it; `foreach` is a peek with nothing below.
 *
 * @since 0.1.0
 */
export const peek = (
  node: Resolved.Peek | Resolved.ForEach,
  name: string,
  context: Context,
  forward: Step
): Step => {
  const f = node.f
  return (key, value, old, timestamp, headers) => {
    context.node = name
    f(value, key)
    forward(key, value, old, timestamp, headers)
  }
}

/**
 * Passes to the child of the first predicate that holds, else to `otherwise`, else nowhere.
 *
 * @since 0.1.0
 */
export const branch = (
  node: Resolved.Branch,
  name: string,
  context: Context,
  childOf: (name: string) => Step
): Step => {
  const predicates = node.branches.map((each) => each.predicate)
  const children = node.branches.map((each) => childOf(each.child))
  const otherwise = node.otherwise === undefined ? undefined : childOf(node.otherwise)
  return (key, value, old, timestamp, headers) => {
    context.node = name
    for (let i = 0; i < predicates.length; i++) {
      if (predicates[i]!(value, key)) return children[i]!(key, value, old, timestamp, headers)
    }
    otherwise?.(key, value, old, timestamp, headers)
  }
}
