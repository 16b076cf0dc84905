/**
 * Foreign-key joins of tables. The left side sends subscriptions through a topic of its own to where the right table's keys
 * are; answers come back through another. So it is two joins by lookup, each below a topic.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../../serde/Erased.ts"
import * as ForeignKey from "../../../serde/ForeignKey.ts"
import type * as Serde from "../../../serde/Serde.ts"
import type * as LogicalNode from "../../LogicalNode.ts"
import type { Processor, StreamPartitioner } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltTable, checkName, demand, type Expand, type Expansion, input } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { storesOf } from "./join.ts"
import { processorRole } from "./stateless.ts"
import { sourceTable, sourceTableOperations, writeSourceTable } from "./table.ts"

/**
 * A join of two tables by a key of the right one.
 *
 * @since 0.1.0
 */
export const foreignKeyJoin: Expand<LogicalNode.ForeignKeyJoin> = (expansion, operation, node): BuiltTable => {
  const [left, right] = [input(expansion, node, "Table", 0), input(expansion, node, "Table", 1)]
  const { foreignKey, join, materialized, name: given } = operation
  checkName(expansion.problems, given)
  right.sendOldValues(true)
  left.sendOldValues(true)
  const names = namesOf(expansion, given)
  const serdes = serdesOf(expansion, left, right, names.result)
  const { graph } = expansion
  const stateless = (name: string, processor: Processor, ...parents: ReadonlyArray<Graph.GraphNode>) =>
    Graph.add(graph, Graph.makeNode(name, processorRole(name, processor)), ...parents)
  const stateful = (
    name: string,
    processor: Processor,
    stores: ReadonlyArray<string>,
    parent: Graph.GraphNode
  ): Graph.GraphNode => {
    const write: Graph.Write = (assembly, parents) => {
      Assembly.addProcessor(assembly, name, processor, parents)
      Assembly.connect(assembly, name, stores)
    }
    return Graph.add(graph, Graph.makeNode(name, { _tag: "Processor", write }), parent)
  }

  const subscribe = stateless(names.subscribe, {
    _tag: "ForeignKeySubscribe",
    foreignKey,
    foreignKeySerde: serdes.foreignKey,
    valueSerde: serdes.value,
    left: operation.left,
    isVersioned: left.isVersioned
  }, left.graph)
  const subscriptions = {
    topic: names.subscriptionTopic,
    key: serdes.foreignKey,
    value: ForeignKey.subscription(serdes.key),
    partitioner: byKey(operation.otherPartition)
  }
  const registered = through(expansion, subscriptions, names.subscriptionSink, names.subscriptionSource, subscribe)
  expansion.copartitionGroups.push(new Set([...right.sources, names.subscriptionSource]))
  const receive = Graph.add(graph, subscriptionStore(expansion, names, serdes), registered)
  const rightView = right.view()
  const respond = { _tag: "ForeignKeyRespond", table: rightView } as const
  const responding = stateful(names.respond, respond, storesOf(rightView), receive)
  const notify = {
    _tag: "ForeignKeyNotify",
    store: names.store,
    foreignKeySerde: serdes.foreignKey,
    isVersioned: right.isVersioned
  } as const
  const notifying = stateful(names.notify, notify, [names.store], right.graph)

  const responses = {
    topic: names.responseTopic,
    key: serdes.key,
    value: ForeignKey.response(serdes.foreignValue),
    partitioner: byKey(operation.partition) ?? toPrimaryPartition
  }
  const answered = through(expansion, responses, names.responseSink, names.responseSource, responding, notifying)
  const sources = new Set([...left.sources, names.responseSource])
  expansion.copartitionGroups.push(new Set(sources))
  const leftView = left.view()
  const resolve = {
    _tag: "ForeignKeyResult",
    table: leftView,
    valueSerde: serdes.value,
    join,
    left: operation.left
  } as const
  const resolving = stateful(names.resolve, resolve, storesOf(leftView), answered)

  const store = Stores.storeName(expansion, materialized, "KTABLE-FK-JOIN-OUTPUT-")
  const key = materialized?.key ?? left.key
  const value = materialized?.value
  const table = sourceTable(store, key, value, materialized)
  const result = Graph.makeNode(names.result, {
    _tag: "Processor",
    write: (assembly, parents) => writeSourceTable(expansion, assembly, names.result, table, parents, undefined)
  })
  Graph.add(graph, result, resolving)
  return { _tag: "Table", name: names.result, graph: result, sources, key, value, ...sourceTableOperations(table) }
}

/** Kafka numbers them in this order. */
const namesOf = (expansion: Expansion, given: string | undefined) => {
  const name = (prefix: string, suffix: string) => Names.suffixed(expansion.names, prefix, given, suffix)
  const names = {
    subscriptionTopic: `${name("KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-", "-subscription-registration")}-topic`,
    subscribe: name("KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-", "-subscription-registration-processor"),
    subscriptionSink: name("KTABLE-SINK-", "-subscription-registration-sink"),
    subscriptionSource: name("KTABLE-SOURCE-", "-subscription-registration-source"),
    store: name("KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-", "-subscription-store"),
    receive: name("KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-", "-subscription-receive"),
    respond: name("KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-", "-subscription-join-foreign"),
    notify: name("KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-", "-foreign-join-subscription"),
    responseTopic: `${name("KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-", "-subscription-response")}-topic`,
    responseSink: name("KTABLE-SINK-", "-subscription-response-sink"),
    responseSource: name("KTABLE-SOURCE-", "-subscription-response-source"),
    resolve: name("KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-", "-subscription-response-resolver"),
    result: name("KTABLE-FK-JOIN-OUTPUT-", "-result")
  }
  return names
}

type FkNames = ReturnType<typeof namesOf>

const serdesOf = (expansion: Expansion, left: BuiltTable, right: BuiltTable, where: string) => ({
  key: demand(expansion.problems, left.key, where, "key"),
  value: demand(expansion.problems, left.value, where, "value"),
  foreignKey: demand(expansion.problems, right.key, where, "key"),
  foreignValue: demand(expansion.problems, right.value, where, "value")
})

const subscriptionStore = (
  expansion: Expansion,
  { receive, store }: FkNames,
  { foreignKey, key }: ReturnType<typeof serdesOf>
): Graph.GraphNode =>
  Graph.makeNode(receive, {
    _tag: "Processor",
    write: (assembly, parents) => {
      Assembly.addProcessor(assembly, receive, { _tag: "ForeignKeyReceive", store }, parents)
      const combined = ForeignKey.combinedKey(foreignKey, key)
      const entry = Stores.subscriptions(expansion, store, combined, ForeignKey.subscription(key))
      Assembly.addStore(assembly, entry, receive)
    }
  })

type Partitioner = StreamPartitioner<Erased, Erased>

const byKey = (partition: LogicalNode.KeyPartition | undefined): Partitioner | undefined =>
  partition === undefined ? undefined : (_topic, key, _value, partitions) => partition(key, partitions)

const toPrimaryPartition: Partitioner = (_topic, _key, { primaryPartition }) => primaryPartition ?? undefined

/** Through a topic of the join: a sink below the parents, and a source. */
const through = (
  expansion: Expansion,
  edge: {
    readonly topic: string
    readonly key: Serde.Any
    readonly value: Serde.Any
    readonly partitioner: Partitioner | undefined
  },
  sinkName: string,
  sourceName: string,
  ...parents: ReadonlyArray<Graph.GraphNode>
): Graph.GraphNode => {
  const { key, partitioner, topic, value } = edge
  const sink = Graph.makeNode(sinkName, {
    _tag: "Processor",
    write: (assembly, parents) => {
      assembly.repartitionTopics.set(topic, undefined)
      Assembly.addNode(assembly, {
        _tag: "Sink",
        name: sinkName,
        topic,
        internal: true,
        key,
        value,
        partitioner,
        byInnerKey: true,
        parents
      })
    }
  })
  for (const parent of parents) Graph.add(expansion.graph, sink, parent)
  const source = Graph.makeNode(sourceName, {
    _tag: "Processor",
    write: (assembly) => Assembly.addInternalSource(assembly, sourceName, topic, key, value)
  })
  return Graph.add(expansion.graph, source, sink)
}
