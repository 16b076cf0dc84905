/**
 * From the nodes of a sub-topology to steps: plain functions, each of which calls those of its children.
 *
 * Leaves to others: what each kind of processor does (`steps/`), stores (`TaskStores`).
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import type { EffectStages } from "./effects/EffectStages.ts"
import type { ErrorHandling } from "./errors/ErrorHandling.ts"
import * as Flow from "./Flow.ts"
import type { Processing } from "./Processing.ts"
import * as AggregateSteps from "./steps/AggregateSteps.ts"
import * as ForeignKeySteps from "./steps/ForeignKeySteps.ts"
import * as JoinSteps from "./steps/JoinSteps.ts"
import * as ProcessSteps from "./steps/ProcessSteps.ts"
import * as SessionSteps from "./steps/SessionSteps.ts"
import * as SinkStep from "./steps/SinkStep.ts"
import * as SlidingSteps from "./steps/SlidingSteps.ts"
import * as StreamJoinSteps from "./steps/StreamJoinSteps.ts"
import * as StreamSteps from "./steps/StreamSteps.ts"
import * as StreamTableGraceStep from "./steps/StreamTableGraceStep.ts"
import * as SuppressSteps from "./steps/SuppressSteps.ts"
import * as TableSteps from "./steps/TableSteps.ts"
import type { Throttle } from "./steps/WindowClose.ts"
import { UnsupportedTopology } from "./TaskError.ts"
import type * as TaskStores from "./TaskStores.ts"

/**
 * What steps are made of.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Parents before children. */
  readonly nodes: ReadonlyArray<Resolved.Node>
  readonly context: Flow.Context
  readonly stores: TaskStores.Access
  readonly output: Flow.Output
  readonly errors: ErrorHandling
  readonly throttle: Throttle
  readonly processing: Processing
  /** Where records wait for effects; undefined if the nodes have none. */
  readonly effects?: EffectStages | undefined
}

/**
 * A step for each node, by the node's name; throws `UnsupportedTopology` for what is not executed.
 *
 * @since 0.1.0
 */
export const make = (options: Options): ReadonlyMap<string, Flow.Step> => {
  const { context, effects, errors, nodes, output, processing, stores, throttle } = options
  const { measures } = throttle
  const steps = new Map<string, Flow.Step>()
  const byName = new Map(nodes.map((node) => [node.name, node]))
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!
    const childOf = (name: string): Flow.Step => effects?.edge(node, name, steps.get(name)!) ?? steps.get(name)!
    const forward = Flow.sequence(node.children.map(childOf))
    const aged = (step: Flow.Step) => node.children.length === 0 ? measures.terminal(node.name, step) : step
    if (node._tag === "Source") steps.set(node.name, forward)
    else if (node._tag === "Sink") {
      const topic = typeof node.topic === "string" ? node.topic : undefined
      const step = SinkStep.make(node, context, measures.counting(node.name, output), errors)
      steps.set(node.name, errors.guardSink(node.name, topic, step))
    } else if (node.processor._tag === "Effectful") {
      if (effects === undefined) throw unsupported(node.name, "an effect without an EffectRunner")
      steps.set(node.name, effects.effectful(node.processor, node.name, aged(forward)))
    } else {
      const below = errors.keepsRaw && !passesOn.has(node.processor._tag) ? Flow.keepingRaw(context, forward) : forward
      const step = processorStep(node, context, stores, processing, throttle, childOf, byName, below)
      steps.set(node.name, aged(errors.guard(node.name, step)))
    }
  }
  return steps
}

/**
 * Processors that give on the record that they got. Kafka makes a new one in all others, and what a sink below them takes
 * does not use up the bytes of theirs. (`Process`: see there.)
 */
const passesOn: ReadonlySet<string> = new Set(["PassThrough", "Branch", "JoinWindow", "Process"])

const unsupported = (node: string, kind: string) =>
  new UnsupportedTopology({ node, kind, hint: "this is a defect of millrace: please report it" })

const processorStep = (
  node: Resolved.ProcessorNode,
  context: Flow.Context,
  access: TaskStores.Access,
  processing: Processing,
  throttle: Throttle,
  childOf: (name: string) => Flow.Step,
  byName: ReadonlyMap<string, Resolved.Node>,
  below: Flow.Step
): Flow.Step => {
  const { name, processor } = node
  const forward = access.emitting(processor, context, below)
  const lookup = (view: Resolved.TableView) =>
    JoinSteps.lookup(view, {
      ...access,
      transformed: ({ processor, supplier }, inner) =>
        ProcessSteps.transformed(processor, storesOf(byName, processor), supplier, processing, inner)
    })
  switch (processor._tag) {
    case "Filter":
      return StreamSteps.filter(processor, name, context, forward)
    case "NullKeyFilter":
      return StreamSteps.nullKeyFilter(processor, forward)
    case "Map":
      return StreamSteps.map(processor, name, context, forward)
    case "SelectKey":
      return StreamSteps.selectKey(processor, name, context, forward)
    case "MapValues":
      return StreamSteps.mapValues(processor, name, context, forward)
    case "FlatMap":
      return StreamSteps.flatMap(processor, name, context, forward)
    case "FlatMapValues":
      return StreamSteps.flatMapValues(processor, name, context, forward)
    case "Peek":
    case "ForEach":
      return StreamSteps.peek(processor, name, context, forward)
    case "PassThrough":
      return forward
    case "Branch":
      return StreamSteps.branch(processor, name, context, childOf)
    case "StreamAggregate":
      return AggregateSteps.streamAggregate(processor, name, context, access.keyValue(processor.store), forward)
    case "StreamReduce":
      return AggregateSteps.streamReduce(processor, name, context, access.keyValue(processor.store), forward)
    case "WindowedAggregate":
      return AggregateSteps.windowedAggregate(
        processor,
        name,
        context,
        access.window(processor.store),
        throttle,
        forward
      )
    case "SlidingAggregate":
      return SlidingSteps.aggregate(processor, name, context, access.window(processor.store), throttle, forward)
    case "SessionAggregate": {
      const { session, isInMemory } = access
      const { store } = processor
      return SessionSteps.aggregate(processor, name, context, session(store), isInMemory(store), throttle, forward)
    }
    case "TableSource":
      return TableSteps.source(processor, name, context, access.optional(processor.store), forward)
    case "TableFilter":
      return TableSteps.filter(processor, name, context, access.optional(processor.store), forward)
    case "TableMapValues":
      return TableSteps.mapValues(processor, name, context, access.optional(processor.store), forward)
    case "TableTransformValues":
      return ProcessSteps.transformValues(node, processor, processing, access.optional(processor.store), forward)
    case "TableToStream":
      return TableSteps.toStream(forward)
    case "TableGroupBy":
      return TableSteps.groupBy(processor, name, context, groupKeySerde(node, byName), forward)
    case "TableAggregate":
      return TableSteps.aggregate(processor, name, context, access.keyValue(processor.store), forward)
    case "TableReduce":
      return TableSteps.reduce(processor, name, context, access.keyValue(processor.store), forward)
    case "TableSuppress": {
      const { serdes, store } = access.buffer(processor.store)
      const onEmit = throttle.measures.suppressedAt(name)
      return SuppressSteps.suppress(processor, name, context, store, serdes, forward, onEmit)
    }
    case "JoinWindow":
      return StreamJoinSteps.joinWindow(name, context, access.window(processor.store), forward)
    case "StreamJoin": {
      const unmatched = processor.unmatched === undefined ? undefined : access.unmatched(processor.unmatched)
      const sides = { other: access.window(processor.other), unmatched }
      return StreamJoinSteps.join(processor, name, context, sides, access.joinTime(processor.name), throttle, forward)
    }
    case "StreamSelfJoin":
      return StreamJoinSteps.selfJoin(processor, name, context, access.window(processor.store), forward)
    case "StreamTableJoin": {
      const table = lookup(processor.table)
      if (processor.buffer === undefined) return JoinSteps.streamTable(processor, name, context, table, forward)
      return StreamTableGraceStep.make(processor, name, context, table, access.joinBuffer(processor.buffer), forward)
    }
    case "StreamGlobalTableJoin": {
      const table = lookup(processor.table)
      return JoinSteps.streamGlobalTable(processor, name, context, table, forward)
    }
    case "TableJoin":
      return JoinSteps.tableTable(processor, name, context, lookup(processor.other), forward)
    case "TableJoinMerge":
      return TableSteps.joinMerge(processor, name, context, access.optional(processor.store), forward)
    case "ForeignKeySubscribe":
      return ForeignKeySteps.subscribe(processor, name, context, forward)
    case "ForeignKeyReceive":
      return ForeignKeySteps.receive(name, context, access.subscriptions(processor.store), forward)
    case "ForeignKeyRespond":
      return ForeignKeySteps.respond(name, context, lookup(processor.table), forward)
    case "ForeignKeyNotify":
      return ForeignKeySteps.notify(processor, name, context, access.subscriptions(processor.store), forward)
    case "ForeignKeyResult": {
      const table = lookup(processor.table)
      return ForeignKeySteps.result(processor, name, context, table, forward)
    }
    case "Process":
      return ProcessSteps.process(node, processor, processing, { all: forward, of: childOf })
    case "ProcessValues":
      return ProcessSteps.processValues(node, processor, processing, { all: forward, of: childOf })
    case "Effectful":
      throw unsupported(name, "an effect among steps")
  }
}

/** The stores that a node of that name is connected to. */
const storesOf = (byName: ReadonlyMap<string, Resolved.Node>, name: string): ReadonlyArray<string> => {
  const node = byName.get(name)
  return node?._tag === "Processor" ? node.stores : []
}

/** The serde of a regrouped table's keys: that of the repartition sink below it. */
const groupKeySerde = (node: Resolved.ProcessorNode, byName: ReadonlyMap<string, Resolved.Node>): Serde.Any => {
  for (const child of node.children) {
    const sink = byName.get(child)
    if (sink?._tag === "Sink") return sink.key
    if (sink?._tag === "Processor") return groupKeySerde(sink, byName)
  }
  throw unsupported(node.name, "a grouped table without a repartition topic")
}
