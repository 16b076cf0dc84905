/**
 * Where streams come from and where they go: topics, of others or of our own.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import * as Assembly from "../Assembly.ts"
import { addRepartition, checkName, type Expand, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"

/**
 * A source.
 *
 * @since 0.1.0
 */
export const streamSource: Expand<LogicalNode.StreamSource> = (expansion, operation) => {
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-SOURCE-", operation.name)
  const { key, offsetReset, pattern, timestampExtractor, topics, value } = operation
  const graph = Graph.makeNode(name, {
    _tag: "StreamSource",
    topics,
    pattern,
    key,
    value,
    timestampExtractor,
    offsetReset
  })
  Graph.add(expansion.graph, graph, expansion.graph.root)
  return stream({ name, graph, sources: new Set([name]), key, value }, graph)
}

/** As Kafka: of windowed keys the inner one counts here, but all of it in repartition topics and in named sinks. */
const sinkOf = { internal: false, byInnerKey: true } as const

/**
 * A sink.
 *
 * @since 0.1.0
 */
export const sink: Expand<LogicalNode.Sink> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-SINK-", operation.name)
  const { key, streamPartitioner: partitioner, topic, value } = operation
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) =>
      Assembly.addNode(assembly, { ...sinkOf, _tag: "Sink", name, topic, key, value, partitioner, parents })
  })
  Graph.add(expansion.graph, graph, from.graph)
  return { _tag: "Nothing" }
}

/**
 * A repartition that the author asked for.
 *
 * @since 0.1.0
 */
export const repartition: Expand<LogicalNode.Repartition> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  const { name, partitions, streamPartitioner: partitioner } = operation
  checkName(expansion.problems, name)
  if (partitions !== undefined && !(Number.isInteger(partitions) && partitions > 0)) {
    expansion.problems.push({
      reason: "InvalidPartitions",
      where: name ?? from.name,
      detail: `${partitions} is not a number of partitions`,
      hint: "give a positive integer, or none"
    })
  }
  const prefix = name ?? Names.processor(expansion.names, "KSTREAM-REPARTITION-")
  if (name === undefined) expansion.generated.add(prefix)
  const key = operation.key ?? from.key
  const value = operation.value ?? from.value
  const graph = addRepartition(expansion, { prefix, key, value, partitions, partitioner, optimizable: false })
  Graph.add(expansion.graph, graph, from.graph)
  return stream(from, graph, { sources: new Set([graph.name]), key, value, rekeyed: false })
}
