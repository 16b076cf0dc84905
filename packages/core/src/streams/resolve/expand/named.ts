/**
 * Topologies that are put together from named sources, processors and sinks: each becomes what it says, nothing is numbered.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltNamed, type Expand, type Expansion, input } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import { suppliedRole, useStore } from "./process.ts"

const parentsOf = (expansion: Expansion, node: LogicalNode.LogicalNode): ReadonlyArray<Graph.GraphNode> =>
  node.inputs.map((_, index) => input(expansion, node, "Named", index).graph)

const named = (expansion: Expansion, graph: Graph.GraphNode, parents: ReadonlyArray<Graph.GraphNode>): BuiltNamed => ({
  _tag: "Named",
  graph: Graph.add(expansion.graph, graph, ...parents)
})

/**
 * A source.
 *
 * @since 0.1.0
 */
export const source: Expand<LogicalNode.NamedSource> = (expansion, operation) => {
  const { key, name, offsetReset, pattern, timestampExtractor, topics, value } = operation
  const nullValue = value.isNullable ? "Keep" : "Drop"
  const write = (assembly: Assembly.Assembly) =>
    Assembly.addNode(assembly, {
      _tag: "Source",
      name,
      topics,
      pattern,
      internal: false,
      key,
      value,
      nullValue,
      timestampExtractor,
      offsetReset
    })
  return named(expansion, Graph.makeNode(name, { _tag: "Processor", write }), [expansion.graph.root])
}

/**
 * A processor.
 *
 * @since 0.1.0
 */
export const processor: Expand<LogicalNode.NamedProcessor> = (expansion, operation, node) => {
  const { name, supplier } = operation
  const graph = Graph.makeNode(name, suppliedRole(name, { _tag: "Process", supplier }))
  return named(expansion, graph, parentsOf(expansion, node))
}

/**
 * A sink.
 *
 * @since 0.1.0
 */
export const sink: Expand<LogicalNode.NamedSink> = (expansion, operation, node) => {
  const { key, name, streamPartitioner: partitioner, topic, value } = operation
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) =>
      Assembly.addNode(assembly, { _tag: "Sink", name, topic, internal: false, key, value, partitioner, parents })
  })
  Graph.add(expansion.graph, graph, ...parentsOf(expansion, node))
  return { _tag: "Nothing" }
}

/**
 * A store for processors that are there already.
 *
 * @since 0.1.0
 */
export const connectStore: Expand<LogicalNode.ConnectStore> = (expansion, operation, node) => {
  const { store } = operation
  const users = parentsOf(expansion, node)
  const graph = Graph.makeNode(store.name, {
    _tag: "Processor",
    write: (assembly) => {
      for (const user of users) useStore(assembly, store, user.name)
    }
  })
  Graph.add(expansion.graph, graph, expansion.graph.root)
  return { _tag: "Nothing" }
}
