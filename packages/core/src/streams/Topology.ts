/**
 * A topology: what an application computes, as an immutable value that nothing runs yet.
 *
 * What it keeps true: it has all nodes that its sinks, streams and tables are made from, each once, in the order in which
 * Kafka numbers them. A value used twice is one node.
 * What it leaves to others: names, optimisation and sub-topologies (`resolve`), and running it (`StreamsApp`).
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import { type Pipeable, Prototype } from "effect/Pipeable"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type { Covariant } from "effect/Types"
import type { Erased } from "../serde/Erased.ts"
import { phantom } from "./internal/phantom.ts"
import * as Describe from "./describe.ts"
import type * as LogicalNode from "./LogicalNode.ts"
import * as PartitionCounts from "./PartitionCounts.ts"
import * as Mermaid from "./picture/Mermaid.ts"
import * as Picture from "./picture/Picture.ts"
import * as Svg from "./picture/Svg.ts"
import * as Resolve from "./resolve/resolve.ts"
import type { ResolvedTopology } from "./ResolvedTopology.ts"
import { type Problem, type TopologyError, unlessAny } from "./TopologyError.ts"

/**
 * A topology whose effects fail with `E` and need the services `R`.
 *
 * @since 0.1.0
 */
export interface Topology<out E = never, out R = never> extends Pipeable {
  readonly _tag: "Topology"
  /** Each node after those that it reads; numbering follows this order. */
  readonly nodes: ReadonlyArray<LogicalNode.LogicalNode>
  readonly "~types": { readonly _E: Covariant<E>; readonly _R: Covariant<R> }
}

/**
 * What a topology is made of: a sink, a stream, a table, or something grouped on its way to a table.
 *
 * @since 0.1.0
 */
export interface Part<out E, out R> extends Pipeable {
  readonly node: LogicalNode.LogicalNode
  readonly "~effects": { readonly _E: Covariant<E>; readonly _R: Covariant<R> }
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
export const make = <const P extends ReadonlyArray<Part<Erased, Erased>>>(
  ...parts: P
): Topology<ErrorOf<P[number]>, ContextOf<P[number]>> => {
  const seen = new Set<LogicalNode.LogicalNode>()
  const open = parts.map((part) => part.node)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    open.push(...node.inputs, ...node.parts)
  }
  return fromNodes([...seen].sort((a, b) => a.sequence - b.sequence))
}

/**
 * One topology of several: the nodes of the first are numbered first, whatever was imported first.
 *
 * @since 0.1.0
 */
export const merge = <const T extends ReadonlyArray<Topology<Erased, Erased>>>(
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
  "~types": phantom,
  nodes
})

/**
 * How a topology is resolved.
 *
 * @since 0.1.0
 */
export type ResolveOptions = Resolve.Options

/**
 * How a topology is checked or printed: as it is resolved, but for the application id.
 *
 * @since 0.1.0
 */
export type DescribeOptions = Omit<Resolve.Options, "applicationId">

/**
 * The topology with final names, optimised and split into sub-topologies, ready to be run.
 *
 * @since 0.1.0
 */
export const resolve: {
  (options: ResolveOptions): <E, R>(self: Topology<E, R>) => Result.Result<ResolvedTopology, TopologyError>
  <E, R>(self: Topology<E, R>, options: ResolveOptions): Result.Result<ResolvedTopology, TopologyError>
} = dual(
  2,
  <E, R>(self: Topology<E, R>, options: ResolveOptions): Result.Result<ResolvedTopology, TopologyError> =>
    Resolve.resolve(self.nodes, options)
)

/**
 * How a topology is checked. The more is said, the more is seen.
 *
 * @since 0.1.0
 */
export interface ValidateOptions extends DescribeOptions {
  /** Tells how internal topics are called, and so whether others are in their way. */
  readonly applicationId?: string | undefined
  /** How many partitions a topic has, undefined if it is not there. Tells whether topics that are joined fit together. */
  readonly partitions?: ((topic: string) => number | undefined) | undefined
}

/**
 * Everything that is wrong with a topology; nothing if it can be resolved.
 *
 * @since 0.1.0
 */
export const validate = <E, R>(self: Topology<E, R>, options: ValidateOptions = {}): ReadonlyArray<Problem> => {
  const { applicationId = "", partitions, ...others } = options
  const { problems, resolved } = Resolve.attempt(self.nodes, { ...others, applicationId })
  const counts = partitions === undefined ? undefined : PartitionCounts.resolve(resolved, partitions)
  const unfit = counts !== undefined && Result.isFailure(counts) ? counts.failure.problems : []
  return Result.match(unlessAny(undefined, [...problems, ...unfit]), {
    onSuccess: () => [],
    onFailure: (error) => error.problems
  })
}

/**
 * The text of a topology, byte for byte as Kafka prints it; throws `TopologyError` if it cannot be resolved.
 *
 * @since 0.1.0
 */
export const describe: {
  (options: DescribeOptions): <E, R>(self: Topology<E, R>) => string
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string
} = dual(
  (args) => args.length > 1 || Predicate.isTagged(args[0], "Topology"),
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string =>
    Describe.describe(Result.getOrThrow(Resolve.resolve(self.nodes, { ...options, applicationId: "" })))
)

const pictureOf = <E, R>(self: Topology<E, R>, options: DescribeOptions | undefined): Picture.Picture =>
  Picture.of(Result.getOrThrow(Resolve.resolve(self.nodes, { ...options, applicationId: "" })))

/**
 * A picture of a topology as a Mermaid flowchart: sub-topologies as subgraphs, with their sources, processors, sinks and
 * stores, and the topics between them; throws `TopologyError` if it cannot be resolved.
 *
 * @since 0.1.0
 */
export const toMermaid: {
  (options: DescribeOptions): <E, R>(self: Topology<E, R>) => string
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string
} = dual(
  (args) => args.length > 1 || Predicate.isTagged(args[0], "Topology"),
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string => Mermaid.draw(pictureOf(self, options))
)

/**
 * The same picture as an SVG that stands alone, readable on light and on dark ground; throws `TopologyError` if the topology
 * cannot be resolved.
 *
 * @since 0.1.0
 */
export const toSvg: {
  (options: DescribeOptions): <E, R>(self: Topology<E, R>) => string
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string
} = dual(
  (args) => args.length > 1 || Predicate.isTagged(args[0], "Topology"),
  <E, R>(self: Topology<E, R>, options?: DescribeOptions): string => Svg.draw(pictureOf(self, options))
)
