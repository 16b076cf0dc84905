/**
 * Tables: where they come from, what is made of them, and back to streams.
 *
 * Whether a table sends old values along, and whether it has a store, is found while the operators below it are expanded;
 * its processor is made afterwards.
 *
 * @since 0.1.0
 */
import * as Serde from "../../../serde/Serde.ts"
import type * as LogicalNode from "../../LogicalNode.ts"
import type { TableFilter, TableMapValues, TableView } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import {
  addRepartition,
  type BuiltTable,
  checkName,
  demand,
  type Expand,
  type Expansion,
  input,
  stream
} from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { processorRole } from "./stateless.ts"

/**
 * What is found about a source table (or a stream as a table) while others are expanded.
 *
 * @since 0.1.0
 */
export interface SourceTable {
  readonly store: string
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
  readonly materialized: LogicalNode.Materialized | undefined
  hasStore: boolean
  sendOldValues: boolean
}

/**
 * A table that gets a store when it is named, or when something below it asks for one.
 *
 * @since 0.1.0
 */
export const sourceTable = (
  store: string,
  key: Serde.Any | undefined,
  value: Serde.Any | undefined,
  materialized: LogicalNode.Materialized | undefined
): SourceTable => ({
  store,
  key,
  value,
  materialized,
  hasStore: Stores.isKept(materialized),
  sendOldValues: false
})

/**
 * How those below it ask.
 *
 * @since 0.1.0
 */
export const sourceTableOperations = (
  table: SourceTable
): Pick<BuiltTable, "sendOldValues" | "view" | "isVersioned"> => ({
  isVersioned: table.materialized?.versioned !== undefined,
  sendOldValues: (force) => {
    if (!force && !table.hasStore) return false
    table.hasStore = true
    return table.sendOldValues = true
  },
  view: () => {
    table.hasStore = true
    return { _tag: "Store", store: table.store }
  }
})

/**
 * The processor that makes changes of records, with the store if there is one.
 *
 * @since 0.1.0
 */
export const writeSourceTable = (
  expansion: Expansion,
  assembly: Assembly.Assembly,
  name: string,
  table: SourceTable,
  parents: ReadonlyArray<string>,
  sourceTopic: string | undefined
): void => {
  const { hasStore, key, materialized, sendOldValues, store, value } = table
  const processor = { _tag: "TableSource", store: hasStore ? store : undefined, sendOldValues } as const
  Assembly.addProcessor(assembly, name, processor, parents)
  if (!hasStore) return
  const entry = Stores.keyValue(expansion, store, key, value, materialized)
  Assembly.addStore(
    assembly,
    sourceTopic === undefined ? entry : { ...entry, changelog: undefined, sourceTopic },
    name
  )
}

/**
 * A source, and below it the processor that makes changes of its records.
 *
 * @since 0.1.0
 */
export const tableSource: Expand<LogicalNode.TableSource> = (expansion, operation): BuiltTable => {
  const { key, materialized, offsetReset, timestampExtractor, topics, value } = operation
  const topic = topics.join()
  checkName(expansion.problems, operation.name)
  const store = Stores.storeName(expansion, materialized, `${topic}-`)
  const sourceName = Names.suffixed(expansion.names, "KSTREAM-SOURCE-", operation.name, "-source")
  const name = Names.processor(expansion.names, "KTABLE-SOURCE-", operation.name)
  const table = sourceTable(store, key, value, materialized)
  const write = (assembly: Assembly.Assembly, reuse: boolean) => {
    Assembly.addKeepingSource(assembly, {
      _tag: "Source",
      name: sourceName,
      topics,
      key,
      value,
      timestampExtractor,
      offsetReset
    })
    writeSourceTable(expansion, assembly, name, table, [sourceName], reuse ? topic : undefined)
  }
  const graph = Graph.makeNode(name, { _tag: "TableSource", write, reuse: false })
  Graph.add(expansion.graph, graph, expansion.graph.root)
  const sources = new Set([sourceName])
  return { _tag: "Table", name, graph, sources, key, value, ...sourceTableOperations(table) }
}

/**
 * A stream as a table, below a repartition if the key was changed.
 *
 * @since 0.1.0
 */
export const toTable: Expand<LogicalNode.ToTable> = (expansion, operation, node): BuiltTable => {
  const from = input(expansion, node, "Stream")
  const { materialized } = operation
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-TOTABLE-", operation.name)
  if (operation.name === undefined) expansion.generated.add(name)
  const store = Stores.storeName(expansion, materialized, "KSTREAM-TOTABLE-")
  const key = materialized?.key ?? from.key
  const value = materialized?.value ?? from.value
  let above = from.graph
  if (from.rekeyed) {
    above = addRepartition(expansion, { prefix: name, key, value, optimizable: true })
    Graph.add(expansion.graph, above, from.graph)
  }
  const table = sourceTable(store, key, value, materialized)
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => writeSourceTable(expansion, assembly, name, table, parents, undefined)
  })
  Graph.add(expansion.graph, graph, above)
  const sources = above === from.graph ? from.sources : new Set([above.name])
  return { _tag: "Table", name, graph, sources, key, value, ...sourceTableOperations(table) }
}

/**
 * A processor on changes, with a store only if it has a name or is versioned. (Other wishes for a store just use up a number,
 * and make what is below it look at the present only.)
 */
const derived = (
  expansion: Expansion,
  from: BuiltTable,
  operation: LogicalNode.TableFilter | LogicalNode.TableMapValues,
  options: {
    readonly prefix: string
    readonly value: Serde.Any | undefined
    /** True if it asks at once for the old values that cost nothing. */
    readonly eager: boolean
    readonly processor: (store: string | undefined, sendOldValues: boolean) => TableFilter | TableMapValues
    readonly view: () => TableView
  }
): BuiltTable => {
  const { materialized } = operation
  checkName(expansion.problems, operation.name)
  const store = Stores.wantedName(expansion, materialized, options.prefix)
  const named = Stores.isKept(materialized) ? store : undefined
  const name = Names.processor(expansion.names, options.prefix, operation.name)
  const key = materialized?.key ?? from.key
  let sends = options.eager && from.sendOldValues(false)
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      Assembly.addProcessor(assembly, name, options.processor(named, sends), parents)
      if (named === undefined) return
      Assembly.addStore(assembly, Stores.keyValue(expansion, named, key, options.value, materialized), name)
    }
  })
  Graph.add(expansion.graph, graph, from.graph)
  return {
    _tag: "Table",
    name,
    graph,
    sources: from.sources,
    key,
    value: options.value,
    isVersioned: materialized === undefined || materialized.isSerdeOnly
      ? from.isVersioned
      : materialized.versioned !== undefined,
    sendOldValues: (force) => sends = sends || named !== undefined || from.sendOldValues(force),
    view: () => named === undefined ? options.view() : { _tag: "Store", store: named }
  }
}

/**
 * Filters changes.
 *
 * @since 0.1.0
 */
export const tableFilter: Expand<LogicalNode.TableFilter> = (expansion, operation, node) => {
  const from = input(expansion, node, "Table")
  const { materialized, negate, predicate } = operation
  return derived(expansion, from, operation, {
    prefix: "KTABLE-FILTER-",
    value: materialized?.value ?? from.value,
    eager: true,
    processor: (store, sendOldValues) => ({
      _tag: "TableFilter",
      predicate,
      negate,
      store,
      sendOldValues,
      isVersioned: from.isVersioned
    }),
    view: () => ({ _tag: "Filter", of: from.view(), predicate, negate })
  })
}

/**
 * Maps the values of changes.
 *
 * @since 0.1.0
 */
export const tableMapValues: Expand<LogicalNode.TableMapValues> = (expansion, operation, node) => {
  const from = input(expansion, node, "Table")
  const { f, materialized } = operation
  return derived(expansion, from, operation, {
    prefix: "KTABLE-MAPVALUES-",
    value: materialized?.value,
    eager: false,
    processor: (store, sendOldValues) => ({ _tag: "TableMapValues", f, store, sendOldValues }),
    view: () => ({ _tag: "MapValues", of: from.view(), f })
  })
}

/**
 * Grouping a table selects new keys and values of both sides of its changes, so it needs the old ones.
 *
 * @since 0.1.0
 */
export const tableGroupBy: Expand<LogicalNode.TableGroupBy> = (expansion, operation, node) => {
  const from = input(expansion, node, "Table")
  const { f, key, name: given, value } = operation
  checkName(expansion.problems, given)
  const name = Names.processor(expansion.names, "KTABLE-SELECT-", given)
  const graph = Graph.makeNode(
    name,
    processorRole(name, {
      _tag: "TableGroupBy",
      f,
      splits: expansion.splitsChanges,
      isVersioned: from.isVersioned
    })
  )
  Graph.add(expansion.graph, graph, from.graph)
  from.sendOldValues(true)
  return {
    _tag: "TableGroup",
    name,
    graph,
    sources: from.sources,
    key,
    value,
    repartitionName: given,
    repartition: { node: undefined }
  }
}

/**
 * A repartition, and below it a store and the processor that gathers into it.
 *
 * @since 0.1.0
 */
export const tableAggregate: Expand<LogicalNode.TableAggregate> = (expansion, operation, node): BuiltTable => {
  const group = input(expansion, node, "TableGroup")
  const { gather, materialized } = operation
  const prefix = gather._tag === "Reduce" ? "KTABLE-REDUCE-" : "KTABLE-AGGREGATE-"
  checkName(expansion.problems, operation.name)
  const store = Stores.storeName(expansion, materialized, "KTABLE-AGGREGATE-")
  const above = tableRepartition(expansion, group, store, operation.name)
  const name = Names.processor(expansion.names, prefix, operation.name)
  const key = materialized?.key ?? group.key
  const value = materialized?.value ?? tableGatheredSerde(gather, group.value)
  let sendOldValues = false
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      Assembly.addProcessor(assembly, name, tableGathering(store, gather, sendOldValues), parents)
      Assembly.addStore(assembly, Stores.keyValue(expansion, store, key, value, materialized), name)
    }
  })
  Graph.add(expansion.graph, graph, above)
  return {
    _tag: "Table",
    name,
    graph,
    sources: new Set([above.name]),
    key,
    value,
    isVersioned: materialized?.versioned !== undefined,
    sendOldValues: () => sendOldValues = true,
    view: () => ({ _tag: "Store", store })
  }
}

const tableRepartition = (
  expansion: Expansion,
  group: ReturnType<typeof input<"TableGroup">>,
  store: string,
  given: string | undefined
): Graph.GraphNode => {
  const { repartition, repartitionName } = group
  const sinkName = Names.suffixed(expansion.names, "KSTREAM-SINK-", given, "-sink")
  const sourceName = Names.suffixed(expansion.names, "KSTREAM-SOURCE-", given, "-source")
  if (repartition.node === undefined || repartitionName === undefined) {
    const topic = `${repartitionName ?? store}-repartition`
    const key = demand(expansion.problems, group.key, group.name, "key")
    const inner = demand(expansion.problems, group.value, group.name, "value")
    const value = { _tag: "ChangeSerde", inner } as const
    repartition.node = Graph.makeNode(sourceName, {
      _tag: "Processor",
      write: (assembly, parents) => {
        assembly.repartitionTopics.set(topic, undefined)
        Assembly.addNode(assembly, { _tag: "Sink", name: sinkName, topic, internal: true, key, value, parents })
        Assembly.addInternalSource(assembly, sourceName, topic, key, value)
      }
    })
  }
  return Graph.add(expansion.graph, repartition.node, group.graph)
}

const tableGatheredSerde = (
  gather: LogicalNode.TableGather,
  grouped: Serde.Any | undefined
): Serde.Any | undefined => {
  if (gather._tag === "Count") return Serde.long
  return gather._tag === "Reduce" ? grouped : undefined
}

const tableGathering = (store: string, gather: LogicalNode.TableGather, sendOldValues: boolean) => {
  switch (gather._tag) {
    case "Count": {
      const add = (count: number) => count + 1
      return { _tag: "TableAggregate", store, initial: () => 0, add, remove: minusOne, sendOldValues } as const
    }
    case "Reduce":
      return { _tag: "TableReduce", store, add: gather.add, remove: gather.remove, sendOldValues } as const
    case "Aggregate": {
      const { add, initial, remove } = gather
      return { _tag: "TableAggregate", store, initial, add, remove, sendOldValues } as const
    }
  }
}

const minusOne = (count: number): number => count - 1

/**
 * New values only, as a stream.
 *
 * @since 0.1.0
 */
export const toStream: Expand<LogicalNode.ToStream> = (expansion, operation, node) => {
  const from = input(expansion, node, "Table")
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KTABLE-TOSTREAM-", operation.name)
  const graph = Graph.makeNode(name, processorRole(name, { _tag: "TableToStream" }))
  return stream(from, Graph.add(expansion.graph, graph, from.graph))
}

/** A generated name matters to nobody if nothing is logged under it. */
const bufferName = (expansion: Expansion, { logConfig }: LogicalNode.Suppress["suppressed"]): string =>
  logConfig === undefined
    ? Names.store(expansion.names, "KTABLE-SUPPRESS-")
    : Stores.storeName(expansion, undefined, "KTABLE-SUPPRESS-")

/**
 * A buffer that holds changes back, and shows what was before them: so it needs the old values. For the close of windows,
 * it needs to know their grace.
 *
 * @since 0.1.0
 */
export const suppress: Expand<LogicalNode.Suppress> = (expansion, operation, node): BuiltTable => {
  const from = input(expansion, node, "Table")
  const { key = from.key, suppressed, value = from.value } = operation
  checkName(expansion.problems, suppressed.name)
  const name = suppressed.name ?? Names.processor(expansion.names, "KTABLE-SUPPRESS-")
  const store = suppressed.name === undefined ? bufferName(expansion, suppressed) : `${suppressed.name}-store`
  const graceMs = suppressed.until === "WindowCloses" ? Graph.graceAbove(from.graph) : undefined
  if (suppressed.until === "WindowCloses" && graceMs === undefined) {
    expansion.problems.push({
      reason: "NotWindowed",
      where: name,
      detail: "it waits for windows to close, and there are none above it",
      hint: "suppress right below a windowed aggregation"
    })
  }
  if (from.isVersioned) {
    expansion.problems.push({
      reason: "Versioned",
      where: name,
      detail: "it holds back changes of a versioned table, which would lose its history",
      hint: "suppress tables that are not versioned"
    })
  }
  from.sendOldValues(true)
  let sendOldValues = false
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      const processor = { _tag: "TableSuppress", store, suppressed, graceMs, sendOldValues } as const
      Assembly.addProcessor(assembly, name, processor, parents)
      const entry = Stores.suppressBuffer(expansion, store, key, value, suppressed.logConfig)
      Assembly.addStore(assembly, entry, name)
    }
  })
  Graph.add(expansion.graph, graph, from.graph)
  return {
    _tag: "Table",
    name,
    graph,
    sources: from.sources,
    key,
    value,
    isVersioned: false,
    sendOldValues: (force) => sendOldValues = from.sendOldValues(force),
    view: () => ({ _tag: "Suppress", of: from.view(), store })
  }
}
