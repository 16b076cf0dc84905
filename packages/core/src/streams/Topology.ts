/**
 * A topology: what an application computes, as an immutable value that nothing runs yet.
 *
 * What it keeps true: it has all nodes that its sinks, streams and tables are made from, each once, in the order in which
 * Kafka numbers them. A value used twice is one node.
 * What it leaves to others: names, optimisation and sub-topologies (`resolve`), and running it (`StreamsApp`).
 *
 * @since 0.1.0
 */
import { type Pipeable, Prototype } from "effect/Pipeable"
import type { Covariant } from "effect/Types"
import type * as LogicalNode from "./LogicalNode.ts"

/**
 * A topology whose effects fail with `E` and need the services `R`.
 *
 * @since 0.1.0
 */
export interface Topology<out E = never, out R = never> extends Pipeable {
  readonly _tag: "Topology"
  /** Each node after those that it reads; numbering follows this order. */
  readonly nodes: ReadonlyArray<LogicalNode.LogicalNode>
  readonly "~types"?: { readonly _E: Covariant<E>; readonly _R: Covariant<R> }
}

/**
 * What a topology is made of: a sink, a stream, a table, or something grouped on its way to a table.
 *
 * @since 0.1.0
 */
export interface Part<out E, out R> extends Pipeable {
  readonly node: LogicalNode.LogicalNode
  readonly "~effects"?: { readonly _E: Covariant<E>; readonly _R: Covariant<R> }
}

/**
 * How the effects of a part fail.
 *
 * @since 0.1.0
 */
export type ErrorOf<P> = P extends Part<infer E, infer _R> ? E : never

/**
 * Which services the effects of a part need.
 *
 * @since 0.1.0
 */
export type ContextOf<P> = P extends Part<infer _E, infer R> ? R : never

/**
 * The topology of the given sinks, streams and tables, and of all that they are made from. Its nodes are numbered in the
 * order in which the program made them, an argument before the operator that takes it.
 *
 * @since 0.1.0
 */
export const make = <const P extends ReadonlyArray<Part<any, any>>>(
  ...parts: P
): Topology<ErrorOf<P[number]>, ContextOf<P[number]>> => {
  const seen = new Set<LogicalNode.LogicalNode>()
  const open = parts.map((part) => part.node)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    open.push(...node.inputs)
  }
  return fromNodes([...seen].sort((a, b) => a.sequence - b.sequence))
}

/**
 * One topology of several: the nodes of the first are numbered first, whatever was imported first.
 *
 * @since 0.1.0
 */
export const merge = <const T extends ReadonlyArray<Topology<any, any>>>(
  ...topologies: T
): Topology<ErrorOfTopology<T[number]>, ContextOfTopology<T[number]>> =>
  fromNodes([...new Set(topologies.flatMap((topology) => topology.nodes))])

/**
 * How the effects of a topology fail.
 *
 * @since 0.1.0
 */
export type ErrorOfTopology<T> = T extends Topology<infer E, infer _R> ? E : never

/**
 * Which services the effects of a topology need.
 *
 * @since 0.1.0
 */
export type ContextOfTopology<T> = T extends Topology<infer _E, infer R> ? R : never

const fromNodes = <E, R>(nodes: ReadonlyArray<LogicalNode.LogicalNode>): Topology<E, R> => ({
  ...Prototype,
  _tag: "Topology",
  nodes
})
