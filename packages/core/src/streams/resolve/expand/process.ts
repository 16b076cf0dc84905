/**
 * Processors of the author's own, below streams and tables, and for global stores.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import type { ProcessorNode } from "../../ResolvedTopology.ts"
import type * as StateStore from "../../StateStore.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltTable, checkName, type Expand, type Expansion, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"

/**
 * A node that is one processor, with the stores that its supplier names.
 *
 * @since 0.1.0
 */
export const suppliedRole = (name: string, processor: SuppliedProcessor): Graph.Role => ({
  _tag: "Processor",
  write: (assembly, parents) => writeSupplied(assembly, name, processor, parents)
})

type SuppliedProcessor = Extract<
  ProcessorNode["processor"],
  { readonly _tag: "Process" | "ProcessValues" | "TableTransformValues" }
>

const writeSupplied = (
  assembly: Assembly.Assembly,
  name: string,
  processor: SuppliedProcessor,
  parents: ReadonlyArray<string>
): void => {
  Assembly.addProcessor(assembly, name, processor, parents)
  for (const store of processor.supplier.stores ?? []) useStore(assembly, store, name)
}

/**
 * Lets a processor use a store, which is added unless another part of the topology makes it.
 *
 * @since 0.1.0
 */
export const useStore = (assembly: Assembly.Assembly, store: StateStore.Any, user: string): void => {
  if (store.isDeclared) {
    Assembly.declareStore(assembly, store.definition, Stores.declared(assembly.problems, store.definition))
  } else {
    assembly.borrowed.push({ user, definition: store.definition })
  }
  Assembly.connect(assembly, user, [store.name])
}

/**
 * One processor below the stream. Kafka uses up a number only for a name that it makes, and does not count processors as
 * changes of keys or values when it merges repartition topics.
 *
 * @since 0.1.0
 */
export const process: Expand<LogicalNode.Process> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  const { serdes, supplier } = operation
  checkName(expansion.problems, operation.name)
  const name = operation.name ?? Names.processor(expansion.names, "KSTREAM-PROCESSOR-")
  const graph = Graph.makeNode(name, suppliedRole(name, { _tag: "Process", supplier }))
  return stream(from, Graph.add(expansion.graph, graph, from.graph), { ...serdes, rekeyed: true })
}

/**
 * One processor below the stream, which keeps its keys.
 *
 * @since 0.1.0
 */
export const processValues: Expand<LogicalNode.ProcessValues> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  const { serdes, supplier } = operation
  checkName(expansion.problems, operation.name)
  const name = operation.name ?? Names.processor(expansion.names, "KSTREAM-PROCESSVALUES-")
  const graph = Graph.makeNode(name, suppliedRole(name, { _tag: "ProcessValues", supplier }))
  return stream(from, Graph.add(expansion.graph, graph, from.graph), { value: serdes.value })
}

/**
 * One processor below the table, with a store only if it has a name.
 *
 * @since 0.1.0
 */
export const tableTransformValues: Expand<LogicalNode.TableTransformValues> = (
  expansion,
  operation,
  node
): BuiltTable => {
  const from = input(expansion, node, "Table")
  const { materialized, supplier } = operation
  checkName(expansion.problems, operation.name)
  checkName(expansion.problems, materialized?.as)
  const name = Names.processor(expansion.names, "KTABLE-TRANSFORMVALUES-", operation.name)
  const store = materialized?.as
  const key = materialized?.key ?? from.key
  const value = materialized?.value
  let sendOldValues = false
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      // its own store comes first among those it uses, as in Kafka
      if (store !== undefined) Assembly.connect(assembly, name, [store])
      writeSupplied(assembly, name, { _tag: "TableTransformValues", supplier, store, sendOldValues }, parents)
      if (store === undefined) return
      Assembly.addStore(assembly, Stores.keyValue(expansion, store, key, value, materialized), name)
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
    isVersioned: materialized === undefined ? from.isVersioned : materialized.versioned !== undefined,
    sendOldValues: (force) => sendOldValues = sendOldValues || store !== undefined || from.sendOldValues(force),
    view: () =>
      store === undefined
        ? { _tag: "TransformValues", of: from.view(), processor: name, supplier }
        : { _tag: "Store", store }
  }
}

/**
 * A source, and below it the processor that fills the store.
 *
 * @since 0.1.0
 */
export const globalStore: Expand<LogicalNode.GlobalStore> = (expansion, operation) => {
  checkName(expansion.problems, operation.sourceName)
  checkName(expansion.problems, operation.processorName)
  const { key, offsetReset, store, supplier, timestampExtractor, topics, value } = operation
  const sourceName = operation.sourceName ?? Names.processor(expansion.names, "KSTREAM-SOURCE-")
  const processorName = operation.processorName ?? Names.processor(expansion.names, "KTABLE-SOURCE-")
  addFiller(expansion, processorName, (assembly) => {
    Assembly.claimStore(assembly, store.definition)
    Assembly.addGlobalStore(assembly, {
      source: { _tag: "Source", name: sourceName, topics, key, value, timestampExtractor, offsetReset },
      processorName,
      processor: { _tag: "Process", supplier },
      store: Stores.declared(assembly.problems, store.definition).store
    })
  })
  return { _tag: "Nothing" }
}

/**
 * A source, and below it the processor that fills a store of tasks; the topic is the store's changelog.
 *
 * @since 0.1.0
 */
export const readOnlyStateStore: Expand<LogicalNode.ReadOnlyStateStore> = (expansion, operation) => {
  const { key, offsetReset, processorName, sourceName, store, supplier, timestampExtractor, topics, value } = operation
  addFiller(expansion, processorName, (assembly) => {
    Assembly.claimStore(assembly, store.definition)
    Assembly.addKeepingSource(assembly, {
      _tag: "Source",
      name: sourceName,
      topics,
      key,
      value,
      timestampExtractor,
      offsetReset
    })
    Assembly.addProcessor(assembly, processorName, { _tag: "Process", supplier }, [sourceName])
    const entry = {
      ...Stores.declared(assembly.problems, store.definition),
      changelog: undefined,
      sourceTopic: topics.join()
    }
    Assembly.addStore(assembly, entry, processorName)
  })
  return { _tag: "Nothing" }
}

const addFiller = (expansion: Expansion, name: string, write: (assembly: Assembly.Assembly) => void): void => {
  Graph.add(expansion.graph, Graph.makeNode(name, { _tag: "Processor", write }), expansion.graph.root)
}
