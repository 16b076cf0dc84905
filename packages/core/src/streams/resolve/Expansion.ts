/**
 * Operators become nodes of the graph, one after the other, in the order in which they were made: here is what an operator
 * finds and leaves behind. Each kind of operator has its own function in `expand/`.
 *
 * Mutable, and only alive while a topology is resolved.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type * as LogicalNode from "../LogicalNode.ts"
import type { StoreType, StreamPartitioner, TableView, TimestampExtractor } from "../ResolvedTopology.ts"
import type { Problem } from "../TopologyError.ts"
import type * as Windows from "../Windows.ts"
import * as Graph from "./Graph.ts"
import * as Names from "./Names.ts"
import type { TopicConfigs } from "./topicConfigs.ts"

/**
 * All that was made so far.
 *
 * @since 0.1.0
 */
export interface Expansion {
  readonly names: Names.Names
  readonly graph: Graph.Graph
  readonly built: Map<LogicalNode.LogicalNode, Built>
  /** Sets of names of sources that joins read together. */
  readonly copartitionGroups: Array<Set<string>>
  /** Names of stores and prefixes of repartition topics that no author gave. */
  readonly generated: Set<string>
  /** Those of stores that tables may have, also of those that need none. */
  readonly generatedStores: Set<string>
  readonly storeType: StoreType
  /** Whether tables' stores have the format with headers. */
  readonly keepsHeaders: boolean
  /** How sources tell the time that do not say so themselves. */
  readonly timestampExtractor: TimestampExtractor
  /** Whether the two sides of a regrouped table's change always travel apart, as before Kafka 3.5. */
  readonly splitsChanges: boolean
  /** Settings of all internal topics. */
  readonly topicConfigs: TopicConfigs
  readonly problems: Array<Problem>
}

/**
 * What an operator left for those that read it.
 *
 * @since 0.1.0
 */
export type Built =
  | BuiltStream
  | BuiltTable
  | BuiltGlobalTable
  | BuiltGroup
  | BuiltCogroup
  | BuiltTableGroup
  | BuiltSplit
  | BuiltNamed
  | { readonly _tag: "Nothing" }

/**
 * What streams and tables have in common. `sources`: the names of the sources that its records come from.
 *
 * @since 0.1.0
 */
export interface BuiltBase {
  readonly name: string
  readonly graph: Graph.GraphNode
  readonly sources: ReadonlySet<string>
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
}

/**
 * A stream. `rekeyed`: its records may be in another partition than their key says.
 *
 * @since 0.1.0
 */
export interface BuiltStream extends BuiltBase {
  readonly _tag: "Stream"
  readonly rekeyed: boolean
  /** The repartition that its joins share, once there is one. */
  joinRepartition: Graph.GraphNode | undefined
}

/**
 * A table.
 *
 * @since 0.1.0
 */
export interface BuiltTable extends BuiltBase {
  readonly _tag: "Table"
  /** Its changes may be of the past: they come from a versioned store, through nothing that has another. */
  readonly isVersioned: boolean
  /**
   * Asks it to send old values along, `force`d even if it must get a store for that; whether it will.
   */
  readonly sendOldValues: (force: boolean) => boolean
  /** How to look up its values; a source table gets a store for that. */
  readonly view: () => TableView
}

/**
 * A global table, by the name of its store.
 *
 * @since 0.1.0
 */
export interface BuiltGlobalTable {
  readonly _tag: "GlobalTable"
  readonly store: string
}

/**
 * A grouped stream, in windows or not. `name`: the prefix of its repartition topic, if given.
 *
 * @since 0.1.0
 */
export interface BuiltGroup extends BuiltBase {
  readonly _tag: "Group"
  readonly rekeyed: boolean
  readonly repartitionName: string | undefined
  readonly windows: Windows.Any | undefined
  readonly emit: LogicalNode.WindowedBy["emit"]
  /** The repartition that its aggregations share if it has a name; an object of its own, for windows share it too. */
  readonly repartition: { node: Graph.GraphNode | undefined }
}

/**
 * Grouped streams that gather into one table. `above`: what stands above the processor of each, once it is known; an object
 * that all tables of the same streams share.
 *
 * @since 0.1.0
 */
export interface BuiltCogroup {
  readonly _tag: "Cogroup"
  readonly adding: ReadonlyMap<BuiltGroup, LogicalNode.Cogroup["add"]>
  readonly windows: Windows.Any | undefined
  readonly above: Map<BuiltGroup, Graph.GraphNode>
}

/**
 * A grouped table.
 *
 * @since 0.1.0
 */
export interface BuiltTableGroup extends BuiltBase {
  readonly _tag: "TableGroup"
  readonly repartitionName: string | undefined
  readonly repartition: { node: Graph.GraphNode | undefined }
}

/**
 * A stream in parts.
 *
 * @since 0.1.0
 */
export interface BuiltSplit {
  readonly _tag: "Split"
  /** The stream at the processor that chooses. */
  readonly from: BuiltStream
  /** Names of its parts. */
  readonly children: ReadonlyArray<string>
}

/**
 * A source or a processor of a topology that is put together from named nodes.
 *
 * @since 0.1.0
 */
export interface BuiltNamed {
  readonly _tag: "Named"
  readonly graph: Graph.GraphNode
}

/**
 * Expands one kind of operator.
 *
 * @since 0.1.0
 */
export type Expand<O extends LogicalNode.Operation> = (
  expansion: Expansion,
  operation: O,
  node: LogicalNode.LogicalNode
) => Built

/**
 * A node's nth input, which the DSL's types make sure to be of this kind.
 *
 * @since 0.1.0
 */
export const input = <T extends Built["_tag"]>(
  expansion: Expansion,
  node: LogicalNode.LogicalNode,
  tag: T,
  index = 0
): Extract<Built, { readonly _tag: T }> => {
  const read = node.inputs[index]
  const built = read === undefined ? undefined : expansion.built.get(read)
  if (built !== undefined && isOf(built, tag)) return built
  throw new Error(`invariant: ${node.operation._tag} reads a ${tag}, found ${built?._tag ?? "nothing"}`)
}

const isOf = <T extends Built["_tag"]>(built: Built, tag: T): built is Extract<Built, { readonly _tag: T }> =>
  built._tag === tag

/**
 * The serde, which the DSL's types make sure is there; reported if it is not.
 *
 * @since 0.1.0
 */
export const demand = (
  problems: Array<Problem>,
  serde: Serde.Any | undefined,
  where: string,
  what: "key" | "value"
): Serde.Any => {
  if (serde !== undefined) return serde
  problems.push({
    reason: "MissingSerde",
    where,
    detail: `the serde of its ${what}s is not known`,
    hint: "give a serde where the key or value was last changed"
  })
  return unknownSerde
}

const unknownSerde: Serde.Any = {
  _tag: "Serde",
  name: "unknown",
  isNullable: false,
  sizeBytes: undefined,
  partitionSuffixBytes: 0,
  serializeUnsafe: (value) => value,
  deserializeUnsafe: (bytes) => bytes,
  pipe: () => unknownSerde
}

/**
 * A stream that goes on from `from` through one more node, except for what is said otherwise.
 *
 * @since 0.1.0
 */
export const stream = (
  from: BuiltBase & { readonly rekeyed?: boolean },
  graph: Graph.GraphNode,
  changes: Partial<Omit<BuiltStream, "_tag" | "graph" | "joinRepartition">> = {}
): BuiltStream => ({
  _tag: "Stream",
  name: graph.name,
  graph,
  sources: from.sources,
  key: from.key,
  value: from.value,
  rekeyed: from.rekeyed ?? false,
  joinRepartition: undefined,
  ...changes
})

const repartitionSuffix = "-repartition"

/**
 * A repartition topic that is not in the graph yet, with the names of its sink, filter and source. `prefix`: its name
 * without (or with) `-repartition`.
 *
 * @since 0.1.0
 */
export const addRepartition = (expansion: Expansion, options: {
  readonly prefix: string
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
  readonly partitions?: number | undefined
  readonly partitioner?: StreamPartitioner<Erased, Erased> | undefined
  readonly optimizable: boolean
}): Graph.GraphNode => {
  const { key, names, optimizable, partitioner, partitions, prefix, value } = { ...options, names: expansion.names }
  const topic = prefix.endsWith(repartitionSuffix) ? prefix : prefix + repartitionSuffix
  const generated = Names.isGenerated(prefix)
  const sinkName = Names.processor(names, "KSTREAM-SINK-", generated ? undefined : `${topic}-sink`)
  const filterName = Names.processor(names, "KSTREAM-FILTER-", generated ? undefined : `${topic}-filter`)
  const sourceName = Names.processor(names, "KSTREAM-SOURCE-", generated ? undefined : `${topic}-source`)
  return Graph.makeNode(sourceName, {
    _tag: "Repartition",
    topic,
    sinkName,
    filterName,
    sourceName,
    key,
    value,
    partitions,
    partitioner,
    optimizable,
    relaxed: false
  })
}

/**
 * Reports a given name that may not be part of a topic's name.
 *
 * @since 0.1.0
 */
export const checkName = (problems: Array<Problem>, name: string | undefined): void => {
  if (name === undefined || Names.isLegal(name)) return
  problems.push({
    reason: "InvalidName",
    where: name,
    detail: "the name is empty, too long, or has characters that a topic's name may not have",
    hint: "use letters, digits, '.', '_' and '-'"
  })
}
