/**
 * Global tables, and the streams that are joined with them.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import type { StreamGlobalTableJoin } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltGlobalTable, checkName, type Expand, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { processorRole } from "./stateless.ts"

/**
 * A source, and below it the processor that fills the store. It always has one.
 *
 * @since 0.1.0
 */
export const globalTable: Expand<LogicalNode.GlobalTableSource> = (expansion, operation): BuiltGlobalTable => {
  const { key, materialized, offsetReset, timestampExtractor, topics, value } = operation
  checkName(expansion.problems, operation.name)
  const store = Stores.storeName(expansion, materialized, `${topics.join()}-`)
  const sourceName = Names.suffixed(expansion.names, "KSTREAM-SOURCE-", operation.name, "-source")
  const name = Names.processor(expansion.names, "KTABLE-SOURCE-", operation.name)
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly) => {
      const { changelog: _, ...entry } = Stores.keyValue(expansion, store, key, value, materialized)
      Assembly.addGlobalStore(assembly, {
        source: { _tag: "Source", name: sourceName, topics, key, value, timestampExtractor, offsetReset },
        processorName: name,
        processor: { _tag: "TableSource", store, sendOldValues: false },
        store: entry.store
      })
    }
  })
  Graph.add(expansion.graph, graph, expansion.graph.root)
  return { _tag: "GlobalTable", store }
}

/**
 * A processor below the stream that looks values up in a global table; the stream stays in its partitions, and its key and
 * where it came from stay what they were.
 *
 * @since 0.1.0
 */
export const streamGlobalTableJoin: Expand<LogicalNode.StreamGlobalTableJoin> = (expansion, operation, node) => {
  const { join, left, mapKey } = operation
  checkName(expansion.problems, operation.name)
  const from = input(expansion, node, "Stream", 0)
  const { store } = input(expansion, node, "GlobalTable", 1)
  // Kafka names inner joins with global tables as left ones, too
  const name = Names.processor(expansion.names, "KSTREAM-LEFTJOIN-", operation.name)
  const processor: StreamGlobalTableJoin = {
    _tag: "StreamGlobalTableJoin",
    table: { _tag: "Store", store },
    mapKey,
    join,
    left
  }
  const graph = Graph.makeNode(name, processorRole(name, processor), { relaxesNullKeys: left })
  return stream(from, Graph.add(expansion.graph, graph, from.graph), { value: undefined })
}
