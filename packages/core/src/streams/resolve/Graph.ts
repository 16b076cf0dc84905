/**
 * The graph between operators and processors: what naming makes, optimisation moves about, and assembly writes out.
 * Kafka has the same graph, and its order of children, parents and priorities shows in names and texts; so it is kept.
 *
 * Mutable, and only alive while a topology is resolved.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { OffsetReset, StreamPartitioner, TimestampExtractor } from "../ResolvedTopology.ts"
import type { Assembly } from "./Assembly.ts"

/**
 * A node of the graph. It becomes no, one or several processors when it is written.
 *
 * @since 0.1.0
 */
export interface GraphNode {
  readonly name: string
  readonly role: Role
  readonly parents: Set<GraphNode>
  readonly children: Set<GraphNode>
  readonly keyChanging: boolean
  readonly valueChanging: boolean
  /** A left or outer join: null keys must reach it through repartition topics. */
  readonly relaxesNullKeys: boolean
  /** How long after its end a window of this node still changes; undefined: no windows. */
  readonly graceMs: number | undefined
  /** Nodes are written parents first, and of those that could be the one with the least. */
  priority: number
  written: boolean
}

/**
 * What a node is, as far as optimisation and assembly care.
 *
 * @since 0.1.0
 */
export type Role =
  | { readonly _tag: "Root" }
  | StreamSourceRole
  | TableSourceRole
  | RepartitionRole
  | StreamStreamJoinRole
  | { readonly _tag: "Merge"; readonly write: Write }
  | { readonly _tag: "Processor"; readonly write: Write }

/**
 * Adds a node's processors to the assembly, below `parents`.
 *
 * @since 0.1.0
 */
export type Write = (assembly: Assembly, parents: ReadonlyArray<string>) => void

/**
 * A source of a stream; two of the same topics become one.
 *
 * @since 0.1.0
 */
export interface StreamSourceRole {
  readonly _tag: "StreamSource"
  readonly topics: ReadonlyArray<string>
  readonly pattern: RegExp | undefined
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly timestampExtractor: TimestampExtractor
  readonly offsetReset: OffsetReset | undefined
}

/**
 * A source of a table. `reuse`: its topic serves as the changelog of its store.
 *
 * @since 0.1.0
 */
export interface TableSourceRole {
  readonly _tag: "TableSource"
  readonly write: (assembly: Assembly, reuse: boolean) => void
  reuse: boolean
}

/**
 * A repartition topic with the sink and the source at its ends, and (except below a table's `groupBy`) the filter that
 * drops null keys before it.
 *
 * @since 0.1.0
 */
export interface RepartitionRole {
  readonly _tag: "Repartition"
  readonly topic: string
  readonly sinkName: string
  readonly filterName: string
  readonly sourceName: string
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
  readonly partitions: number | undefined
  readonly partitioner: StreamPartitioner<Erased, Erased> | undefined
  /** False where the author asked for it. */
  readonly optimizable: boolean
  /** Lets null keys pass. */
  relaxed: boolean
}

/**
 * A join of two streams, below a node for each that fills its side's store. `isSelfJoin`: both are the same, and one store is
 * enough.
 *
 * @since 0.1.0
 */
export interface StreamStreamJoinRole {
  readonly _tag: "StreamStreamJoin"
  readonly leftWindow: GraphNode
  readonly rightWindow: GraphNode
  readonly write: (assembly: Assembly, isSelfJoin: boolean) => void
  isSelfJoin: boolean
}

/**
 * A node that is not in the graph yet.
 *
 * @since 0.1.0
 */
export const makeNode = (
  name: string,
  role: Role,
  options: Partial<Pick<GraphNode, "keyChanging" | "valueChanging" | "relaxesNullKeys" | "graceMs">> = {}
): GraphNode => ({
  name,
  role,
  parents: new Set(),
  children: new Set(),
  keyChanging: options.keyChanging ?? false,
  valueChanging: options.valueChanging ?? false,
  relaxesNullKeys: options.relaxesNullKeys ?? false,
  graceMs: options.graceMs,
  priority: 0,
  written: false
})

/**
 * A whole graph: its root, which no processor stands for, and what optimisation needs to know.
 *
 * @since 0.1.0
 */
export interface Graph {
  readonly root: GraphNode
  readonly tableSources: Array<TableSourceRole>
  readonly merges: Set<GraphNode>
  /** Which repartitions stand below which change of key, with nothing between that changes key or value. */
  readonly repartitionsByKeyChange: Map<GraphNode, Set<GraphNode>>
  nextPriority: number
}

/**
 * A graph of its root alone.
 *
 * @since 0.1.0
 */
export const makeGraph = (): Graph => ({
  root: makeNode("root", { _tag: "Root" }),
  tableSources: [],
  merges: new Set(),
  repartitionsByKeyChange: new Map(),
  nextPriority: 0
})

/**
 * Puts `child` below `parent`.
 *
 * @since 0.1.0
 */
export const link = (parent: GraphNode, child: GraphNode): void => {
  parent.children.add(child)
  child.parents.add(parent)
}

/**
 * Takes `child` from `parent`.
 *
 * @since 0.1.0
 */
export const unlink = (parent: GraphNode, child: GraphNode): void => {
  parent.children.delete(child)
  child.parents.delete(parent)
}

/**
 * Adds a node below its parents, and notes what optimisation needs to know of it. A node may be added again below another
 * parent; it then counts as newer.
 *
 * @since 0.1.0
 */
export const add = (graph: Graph, node: GraphNode, ...parents: ReadonlyArray<GraphNode>): GraphNode => {
  for (const parent of parents) link(parent, node)
  node.priority = graph.nextPriority++
  const { role } = node
  if (node.keyChanging) {
    graph.repartitionsByKeyChange.set(node, new Set())
  } else if (role._tag === "Repartition" && role.optimizable) {
    const keyChange = keyChangeAbove(node)
    if (keyChange !== undefined) graph.repartitionsByKeyChange.get(keyChange)?.add(node)
  } else if (role._tag === "Merge") {
    graph.merges.add(node)
  } else if (role._tag === "TableSource") {
    graph.tableSources.push(role)
  }
  return node
}

const keyChangeAbove = (node: GraphNode): GraphNode | undefined => {
  const change = findAbove(node, (above) => above.keyChanging || above.valueChanging)
  return change !== undefined && change === findAbove(node, (above) => above.keyChanging) ? change : undefined
}

/**
 * The first node at or above `node`, along its first parents first, that has the property.
 *
 * @since 0.1.0
 */
export const findAbove = (
  node: GraphNode,
  has: (node: GraphNode) => boolean,
  seen = new Set<GraphNode>()
): GraphNode | undefined => {
  if (has(node)) return node
  seen.add(node)
  for (const parent of node.parents) {
    const found = seen.has(parent) ? undefined : findAbove(parent, has, seen)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * How long after its end a window above `node` still changes: that of the nearest windows on each way up, and of those the
 * longest; undefined if there are none on some way.
 *
 * @since 0.1.0
 */
export const graceAbove = (node: GraphNode, known = new Map<GraphNode, number | undefined>()): number | undefined => {
  if (node.graceMs !== undefined || known.has(node)) return node.graceMs ?? known.get(node)
  const graces = [...node.parents].map((parent) => graceAbove(parent, known))
  let longest: number | undefined
  if (!graces.includes(undefined)) { for (const grace of graces) longest = Math.max(longest ?? 0, grace ?? 0) }
  known.set(node, longest)
  return longest
}
