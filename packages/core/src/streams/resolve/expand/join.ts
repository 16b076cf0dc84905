/**
 * Joins.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import type { StreamTableJoin, TableView } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import {
  addRepartition,
  type BuiltStream,
  checkName,
  type Expand,
  type Expansion,
  input,
  stream
} from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"

/**
 * A processor below the stream that looks values up in the table, whose stores it shares.
 *
 * @since 0.1.0
 */
export const streamTableJoin: Expand<LogicalNode.StreamTableJoin> = (expansion, operation, node) => {
  const { join, left } = operation
  checkName(expansion, operation.name)
  const from = rightlyKeyed(expansion, input(expansion, node, "Stream", 0), operation)
  const table = input(expansion, node, "Table", 1)
  const sources = new Set([...from.sources, ...table.sources])
  expansion.copartitionGroups.push(new Set(sources))
  const name = Names.processor(expansion.names, left ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-", operation.name)
  const view = table.view()
  const processor: StreamTableJoin = { _tag: "StreamTableJoin", table: view, join, left }
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      Assembly.addProcessor(assembly, name, processor, parents)
      Assembly.connect(assembly, name, storesOf(view))
    }
  }, { relaxesNullKeys: left })
  Graph.add(expansion.graph, graph, from.graph)
  return stream(from, graph, { sources, key: operation.key ?? from.key, value: undefined, rekeyed: false })
}

const storesOf = (view: TableView): ReadonlyArray<string> => {
  switch (view._tag) {
    case "Store":
      return [view.store]
    case "Suppress":
      return [...storesOf(view.of), view.store]
    case "Filter":
    case "MapValues":
      return storesOf(view.of)
  }
}

/**
 * The stream, or it through a repartition if its key was changed. A join that gives no name shares that of an earlier one.
 */
const rightlyKeyed = (
  expansion: Expansion,
  from: BuiltStream,
  operation: LogicalNode.StreamTableJoin
): BuiltStream => {
  if (!from.rekeyed) return from
  const prefix = operation.name ?? from.name
  if (operation.name === undefined) expansion.generated.add(prefix)
  const key = operation.key ?? from.key
  const value = operation.value ?? from.value
  const made = addRepartition(expansion, { prefix, key, value, partitions: undefined, optimizable: true })
  const shared = operation.name === undefined ? from.joinRepartition : undefined
  const graph = shared ?? Graph.add(expansion.graph, made, from.graph)
  from.joinRepartition = graph
  return stream(from, graph, { sources: new Set([graph.name]), key, value, rekeyed: false })
}
