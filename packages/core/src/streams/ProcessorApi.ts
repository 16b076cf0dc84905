/**
 * Topologies put together from named sources, processors and sinks (Kafka's Processor API): where the operators of streams
 * and tables do not reach. Both kinds go together in one topology.
 *
 * What it keeps true: a node's parents were made before it, so there are no cycles and no unknown parents; what parents forward
 * fits what their child takes. That names are unique is checked when the topology is resolved.
 *
 * @since 0.1.0
 */
import { Prototype } from "effect/Pipeable"
import type { Covariant } from "effect/Types"
import type * as Serde from "../serde/Serde.ts"
import { phantom } from "./internal/phantom.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type { ProcessorSupplier } from "./ProcessorSupplier.ts"
import type * as StateStore from "./StateStore.ts"
import type * as Topic from "./Topic.ts"
import type * as Topology from "./Topology.ts"
import type { OutgoingRecord } from "./ResolvedTopology.ts"
import * as Values from "./Values.ts"

/**
 * A source or a processor, which forwards records of key `K` and value `V`.
 *
 * @since 0.1.0
 */
export interface Node<out K, out V> extends Topology.Part<never, never> {
  readonly _tag: "Node"
  readonly name: string
  readonly "~Node": { readonly _K: Covariant<K>; readonly _V: Covariant<V> }
}

/**
 * A processor, which may have stores.
 *
 * @since 0.1.0
 */
export interface ProcessorNode<out K, out V> extends Node<K, V> {
  readonly takesStores: true
}

/**
 * One parent or more.
 *
 * @since 0.1.0
 */
export type Parents<K, V> = Node<K, V> | readonly [Node<K, V>, ...ReadonlyArray<Node<K, V>>]

const nodesOf = <K, V>(parents: Parents<K, V>): ReadonlyArray<LogicalNode.LogicalNode> =>
  "_tag" in parents ? [parents.node] : parents.map((parent) => parent.node)

const nodeOf = <K, V>(name: string, node: LogicalNode.LogicalNode): Node<K, V> => ({
  ...Prototype,
  _tag: "Node",
  name,
  "~Node": phantom,
  "~effects": phantom,
  node
})

/**
 * Reads a topic, or several with the same serdes, under a name.
 *
 * @since 0.1.0
 */
export const source = <K, V>(
  name: string,
  topics: Topic.Topic<K, V> | readonly [Topic.Topic<K, V>, ...ReadonlyArray<Topic.Topic<K, V>>],
  options: Omit<Options.Source<K, V>, "name"> = {}
): Node<K | null, V> => {
  const all = "_tag" in topics ? [topics] as const : topics
  return nodeOf(
    name,
    LogicalNode.make({
      _tag: "NamedSource",
      name,
      topics: all.map((topic) => topic.name),
      key: all[0].key,
      value: all[0].value,
      timestampExtractor: Options.timestampExtractor(options.timestamp),
      offsetReset: Options.offsetReset(options.offsetReset)
    })
  )
}

/**
 * Reads all topics whose whole name a pattern matches, also those that are made later, under a name. None of them may be read
 * by another source.
 *
 * @since 0.1.0
 */
export const sourcePattern = <K, V>(
  name: string,
  pattern: RegExp,
  serdes: { readonly key: Serde.Serde<K>; readonly value: Serde.Serde<V> },
  options: Omit<Options.Source<K, V>, "name"> = {}
): Node<K | null, V> =>
  nodeOf(
    name,
    LogicalNode.make({
      _tag: "NamedSource",
      name,
      topics: [],
      pattern,
      key: serdes.key,
      value: serdes.value,
      timestampExtractor: Options.timestampExtractor(options.timestamp),
      offsetReset: Options.offsetReset(options.offsetReset)
    })
  )

/**
 * A processor under a name, with the stores that its supplier names.
 *
 * @since 0.1.0
 */
export const processor = <K, V, K2, V2, H extends StateStore.Any = never>(
  name: string,
  parents: Parents<K, V>,
  supplier: ProcessorSupplier<NoInfer<K>, NoInfer<V>, K2, V2, H>
): ProcessorNode<K2, V2> => ({
  ...nodeOf(name, LogicalNode.make({ _tag: "NamedProcessor", name, supplier }, ...nodesOf(parents))),
  takesStores: true
})

/**
 * Writes a topic under a name.
 *
 * @since 0.1.0
 */
export const sink = <K, V>(
  name: string,
  parents: Parents<NoInfer<K> | null, NoInfer<V>>,
  topic: Topic.Topic<K, V>,
  options: Omit<Options.Produced<NoInfer<K> | null, NoInfer<V>>, "name"> = {}
): Values.Sink => {
  const { key, name: topicName, value } = topic
  const { streamPartitioner } = options
  const operation = { _tag: "NamedSink", name, topic: topicName, key, value, streamPartitioner } as const
  return Values.sink(LogicalNode.make(operation, ...nodesOf(parents)))
}

/**
 * Writes each record to the topic that is chosen for it, under a name. The topics must exist.
 *
 * @since 0.1.0
 */
export const dynamicSink = <K, V>(
  name: string,
  parents: Parents<NoInfer<K> | null, NoInfer<V>>,
  topicOf: (record: OutgoingRecord<NoInfer<K> | null, NoInfer<V>>) => string,
  options: Omit<Options.KeyAndValue<K, V> & Options.Produced<NoInfer<K> | null, NoInfer<V>>, "name">
): Values.Sink => {
  const { key, streamPartitioner, value } = options
  const operation = { _tag: "NamedSink", name, topic: topicOf, key, value, streamPartitioner } as const
  return Values.sink(LogicalNode.make(operation, ...nodesOf(parents)))
}

/**
 * Lets processors use a store, beside those that their suppliers name; a part of the topology.
 *
 * @since 0.1.0
 */
export const connect = (
  store: StateStore.Any,
  ...processors: ReadonlyArray<ProcessorNode<unknown, unknown>>
): Topology.Part<never, never> =>
  Values.sink(LogicalNode.make({ _tag: "ConnectStore", store }, ...processors.map((processor) => processor.node)))

/**
 * A store that is filled from a topic, which is its changelog: its processor puts into it, all others only read it.
 *
 * @since 0.1.0
 */
export const readOnlyStateStore = <K, V>(topic: Topic.Topic<K, V>, options: {
  readonly store: StateStore.Any
  readonly sourceName: string
  readonly processorName: string
  readonly processor: ProcessorSupplier<NoInfer<K> | null, NoInfer<V> | null, never, never>
  readonly timestamp?: Options.Timestamp<NoInfer<K>, NoInfer<V>> | undefined
}): Topology.Part<never, never> =>
  Values.sink(LogicalNode.make({
    _tag: "ReadOnlyStateStore",
    topics: [topic.name],
    key: topic.key,
    value: topic.value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: undefined,
    store: options.store,
    supplier: options.processor,
    sourceName: options.sourceName,
    processorName: options.processorName
  }))
