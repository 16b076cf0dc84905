/**
 * From a topology to its processors: operators are expanded in the order in which they were made, the graph is optimised,
 * written out parents first, and split into what is connected.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Result from "effect/Result"
import type { Erased } from "../../serde/Erased.ts"
import type * as LogicalNode from "../LogicalNode.ts"
import { type Timestamp, timestampExtractor } from "../Options.ts"
import type { ResolvedTopology, StoreType } from "../ResolvedTopology.ts"
import { type Problem, type TopologyError, unlessAny } from "../TopologyError.ts"
import * as Assembly from "./Assembly.ts"
import { check } from "./checks.ts"
import { type Built, demand, type Expansion } from "./Expansion.ts"
import * as Aggregate from "./expand/aggregate.ts"
import * as Cogroup from "./expand/cogroup.ts"
import * as Edges from "./expand/edges.ts"
import * as Global from "./expand/global.ts"
import * as ForeignKeyJoin from "./expand/foreignKeyJoin.ts"
import * as Join from "./expand/join.ts"
import * as Named from "./expand/named.ts"
import * as Process from "./expand/process.ts"
import * as Stateless from "./expand/stateless.ts"
import * as StreamJoin from "./expand/streamJoin.ts"
import * as Table from "./expand/table.ts"
import { finish } from "./finish.ts"
import * as Graph from "./Graph.ts"
import * as Names from "./Names.ts"
import { type Optimization, optimize } from "./optimize.ts"
import * as TopicConfigs from "./topicConfigs.ts"

/**
 * How a topology is resolved.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The prefix of internal topics; empty when a topology is only printed. */
  readonly applicationId: string
  /** Kafka's `topology.optimization`; `none` by default. */
  readonly optimization?: "none" | "all" | ReadonlyArray<Optimization> | undefined
  /** Where stores live that do not say so themselves (Kafka's `dsl.store.suppliers.class`); `persistent` by default. */
  readonly storeType?: StoreType | undefined
  /** The format of tables' stores (Kafka's `dsl.store.format`); `default` by default, `headers` is KIP-1285's. */
  readonly storeFormat?: "default" | "headers" | undefined
  /** How sources tell the time that do not say so themselves (Kafka's `default.timestamp.extractor`). */
  readonly defaultTimestamp?: Timestamp<Erased, Erased> | undefined
  /** Set while instances of Kafka Streams up to this version run beside (Kafka's `upgrade.from`), such as `3.4`. */
  readonly upgradeFrom?: string | undefined
  /** Settings of all internal topics, besides those that Kafka Streams gives them (Kafka's `topic.…`). */
  readonly topicConfigs?: Readonly<Record<string, string>> | undefined
  /** How much longer than their stores windowed changelogs keep windows, so that clocks may differ (1 day). */
  readonly windowStoreChangelogAdditionalRetention?: Duration.Input | undefined
  /** Refuses generated names of stores and internal topics (Kafka's `ensure.explicit.internal.resource.naming`). */
  readonly ensureExplicitNames?: boolean | undefined
}

/**
 * Resolves the nodes of a topology.
 *
 * @since 0.1.0
 */
export const resolve = (
  nodes: ReadonlyArray<LogicalNode.LogicalNode>,
  options: Options
): Result.Result<ResolvedTopology, TopologyError> => {
  const { problems, resolved } = attempt(nodes, options)
  return unlessAny(resolved, problems)
}

/**
 * Resolves the nodes of a topology as well as it goes, and tells what is wrong with it.
 *
 * @since 0.1.0
 */
export const attempt = (
  nodes: ReadonlyArray<LogicalNode.LogicalNode>,
  options: Options
): { readonly resolved: ResolvedTopology; readonly problems: ReadonlyArray<Problem> } => {
  const problems: Array<Problem> = []
  const expansion: Expansion = {
    names: Names.make(),
    graph: Graph.makeGraph(),
    built: new Map(),
    copartitionGroups: [],
    generated: new Set(),
    generatedStores: new Set(),
    storeType: options.storeType ?? "persistent",
    keepsHeaders: options.storeFormat === "headers",
    timestampExtractor: timestampExtractor(options.defaultTimestamp),
    splitsChanges: options.upgradeFrom !== undefined && isBefore(options.upgradeFrom, 3, 5),
    topicConfigs: TopicConfigs.make(options.topicConfigs, options.windowStoreChangelogAdditionalRetention),
    problems
  }
  for (const node of nodes) expansion.built.set(node, expand(expansion, node))
  optimize(expansion, wanted(options.optimization))
  const assembly = Assembly.make(problems)
  write(expansion.graph, assembly)
  Assembly.settleStores(assembly)
  const resolved = finish(assembly, expansion, options.applicationId)
  if (options.ensureExplicitNames === true) refuseGenerated(expansion, assembly)
  return { resolved, problems: [...problems, ...check(resolved)] }
}

const expand = (expansion: Expansion, node: LogicalNode.LogicalNode): Built => {
  const { operation } = node
  switch (operation._tag) {
    case "StreamSource":
      return Edges.streamSource(expansion, operation, node)
    case "TableSource":
      return Table.tableSource(expansion, operation, node)
    case "GlobalTableSource":
      return Global.globalTable(expansion, operation, node)
    case "Stateless":
      return Stateless.stateless(expansion, operation, node)
    case "Merge":
      return Stateless.merge(expansion, operation, node)
    case "Split":
      return Stateless.split(expansion, operation, node)
    case "BranchOf":
      return Stateless.branchOf(expansion, operation, node)
    case "Repartition":
      return Edges.repartition(expansion, operation, node)
    case "ToTable":
      return Table.toTable(expansion, operation, node)
    case "GroupByKey":
      return Aggregate.groupByKey(expansion, operation, node)
    case "GroupBy":
      return Aggregate.groupBy(expansion, operation, node)
    case "WindowedBy":
      return Aggregate.windowedBy(expansion, operation, node)
    case "Aggregate":
      return Aggregate.aggregate(expansion, operation, node)
    case "Cogroup":
      return Cogroup.cogroup(expansion, operation, node)
    case "CogroupWindowedBy":
      return Cogroup.windowedBy(expansion, operation, node)
    case "CogroupAggregate":
      return Cogroup.aggregate(expansion, operation, node)
    case "TableFilter":
      return Table.tableFilter(expansion, operation, node)
    case "TableMapValues":
      return Table.tableMapValues(expansion, operation, node)
    case "TableTransformValues":
      return Process.tableTransformValues(expansion, operation, node)
    case "TableGroupBy":
      return Table.tableGroupBy(expansion, operation, node)
    case "TableAggregate":
      return Table.tableAggregate(expansion, operation, node)
    case "ToStream":
      return Table.toStream(expansion, operation, node)
    case "Suppress":
      return Table.suppress(expansion, operation, node)
    case "StreamStreamJoin":
      return StreamJoin.streamStreamJoin(expansion, operation, node)
    case "StreamTableJoin":
      return Join.streamTableJoin(expansion, operation, node)
    case "StreamGlobalTableJoin":
      return Global.streamGlobalTableJoin(expansion, operation, node)
    case "TableTableJoin":
      return Join.tableTableJoin(expansion, operation, node)
    case "ForeignKeyJoin":
      return ForeignKeyJoin.foreignKeyJoin(expansion, operation, node)
    case "Sink":
      return Edges.sink(expansion, operation, node)
    case "Process":
      return Process.process(expansion, operation, node)
    case "ProcessValues":
      return Process.processValues(expansion, operation, node)
    case "GlobalStore":
      return Process.globalStore(expansion, operation, node)
    case "ReadOnlyStateStore":
      return Process.readOnlyStateStore(expansion, operation, node)
    case "NamedSource":
      return Named.source(expansion, operation, node)
    case "NamedProcessor":
      return Named.processor(expansion, operation, node)
    case "NamedSink":
      return Named.sink(expansion, operation, node)
    case "ConnectStore":
      return Named.connectStore(expansion, operation, node)
  }
}

const isBefore = (version: string, major: number, minor: number): boolean => {
  const [ofMajor = 0, ofMinor = 0] = version.split(".").map(Number)
  return ofMajor < major || (ofMajor === major && ofMinor < minor)
}

const allOptimizations: ReadonlyArray<Optimization> = [
  "reuse.ktable.source.topics",
  "merge.repartition.topics",
  "single.store.self.join"
]

const wanted = (optimization: Options["optimization"]): ReadonlySet<Optimization> => {
  if (optimization === undefined || optimization === "none") return new Set()
  return new Set(optimization === "all" ? allOptimizations : optimization)
}

/**
 * Writes each node once all of its parents are written; of those that could be, the one added first.
 */
const write = (graph: Graph.Graph, assembly: Assembly.Assembly): void => {
  const ready = new Set([graph.root])
  while (ready.size > 0) {
    let next: Graph.GraphNode | undefined
    for (const node of ready) if (next === undefined || node.priority < next.priority) next = node
    if (next === undefined) return
    ready.delete(next)
    writeNode(assembly, next)
    next.written = true
    for (const child of next.children) {
      if (!child.written && [...child.parents].every((parent) => parent.written)) ready.add(child)
    }
  }
}

const writeNode = (assembly: Assembly.Assembly, node: Graph.GraphNode): void => {
  const parents = [...node.parents].map((parent) => parent.name)
  const { role } = node
  switch (role._tag) {
    case "Root":
      return
    case "StreamSource":
      return Assembly.addNode(assembly, {
        ...role,
        _tag: "Source",
        name: node.name,
        internal: false,
        nullValue: role.value.isNullable ? "Keep" : "Drop"
      })
    case "TableSource":
      return role.write(assembly, role.reuse)
    case "Repartition":
      return writeRepartition(assembly, role, parents)
    case "StreamStreamJoin":
      return role.write(assembly, role.isSelfJoin)
    case "Merge":
    case "Processor":
      return role.write(assembly, parents)
  }
}

const writeRepartition = (
  assembly: Assembly.Assembly,
  role: Graph.RepartitionRole,
  parents: ReadonlyArray<string>
): void => {
  const { filterName, partitioner, partitions, relaxed, sinkName, sourceName, topic } = role
  const key = demand(assembly.problems, role.key, topic, "key")
  const value = demand(assembly.problems, role.value, topic, "value")
  if (!Assembly.addRepartitionTopic(assembly, topic, partitions)) return
  Assembly.addProcessor(assembly, filterName, { _tag: "NullKeyFilter", relaxed }, parents)
  const sink = { _tag: "Sink", name: sinkName, topic, internal: true, key, value, partitioner } as const
  Assembly.addNode(assembly, { ...sink, parents: [filterName] })
  Assembly.addInternalSource(assembly, sourceName, topic, key, value)
}

const refuseGenerated = (expansion: Expansion, assembly: Assembly.Assembly): void => {
  const repartitions = [...assembly.repartitionTopics.keys()].map((topic) => topic.replace(/-repartition$/, ""))
  const stores = [...assembly.stores.keys(), ...expansion.generatedStores]
  for (const where of new Set([...stores, ...repartitions])) {
    if (!expansion.generated.has(where)) continue
    expansion.problems.push({
      reason: "NameNotExplicit",
      where,
      detail: "this name of a store or an internal topic is generated, and changes when the topology does",
      hint: "name the store with `as`, the grouping, join or repartition with `name`"
    })
  }
}
