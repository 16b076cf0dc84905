/**
 * A task: one sub-topology (or all of them, in a test driver) for one partition number, ready to run.
 *
 * Keeps true: records are processed one at a time, completely, in the order of the partition group; a failure names its node
 * and record, and leaves the task unusable; changes of stores are logged before the record's results are sent.
 * Leaves to others: fetching, committing, restoring, where output goes.
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as AggregateSteps from "./steps/AggregateSteps.ts"
import * as Flow from "./Flow.ts"
import * as InMemoryKeyValueStore from "./stores/InMemoryKeyValueStore.ts"
import * as InMemorySessionStore from "./stores/InMemorySessionStore.ts"
import * as InMemoryWindowStore from "./stores/InMemoryWindowStore.ts"
import * as JoinSteps from "./steps/JoinSteps.ts"
import { PartitionGroup } from "./PartitionGroup.ts"
import { type Policy, type RawChunk, RecordQueue } from "./RecordQueue.ts"
import * as SessionSteps from "./steps/SessionSteps.ts"
import * as SinkStep from "./steps/SinkStep.ts"
import {
  type AnyStore,
  type ChangeLog,
  type KeyValueStore,
  noLog,
  type SessionStore,
  type SuppressBuffer as AnySuppressBuffer,
  type WindowStore
} from "./stores/StateStore.ts"
import * as SlidingSteps from "./steps/SlidingSteps.ts"
import * as StoreAccess from "./stores/StoreAccess.ts"
import * as StreamSteps from "./steps/StreamSteps.ts"
import * as SuppressBuffer from "./stores/SuppressBuffer.ts"
import * as SuppressSteps from "./steps/SuppressSteps.ts"
import * as TableSteps from "./steps/TableSteps.ts"
import type { Throttle } from "./steps/WindowClose.ts"
import { detailOf, TaskError, UnsupportedTopology } from "./TaskError.ts"

/**
 * A store of a task, with what the topology says of it.
 *
 * @since 0.1.0
 */
export interface TaskStore {
  readonly definition: Resolved.StateStore
  readonly store: AnyStore
}

/**
 * What a task is made of. `subTopologies` undefined: all of them in one task.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly topology: Resolved.ResolvedTopology
  readonly subTopology: number | undefined
  readonly partition: number
  /** Topics of the sub-topology that have this partition; undefined: all. */
  readonly topics?: ReadonlyArray<string> | undefined
  readonly output: Flow.Output
  readonly onDeserializationError?: "fail" | "continue" | undefined
  readonly currentTimeMillis: () => number
  /** How often at most an aggregation looks for windows that have closed; 1000, as Kafka, when left out. */
  readonly windowCloseIntervalMs?: number | undefined
}

/**
 * A running task. All of it is synchronous; what can fail is thrown as `TaskError`.
 *
 * @since 0.1.0
 */
export interface Task {
  /** Kafka's task id, `<sub-topology>_<partition>`. */
  readonly id: string
  readonly group: PartitionGroup
  readonly stores: ReadonlyMap<string, TaskStore>
  readonly context: Flow.Context
  /** The queue of a topic's partition. */
  readonly queueOf: (topic: string) => RecordQueue | undefined
  /** Takes fetched records (see `RecordQueue.addUnsafe`). */
  readonly addUnsafe: (queue: RecordQueue, chunk: RawChunk) => void
  /**
   * Processes at most `recordsMax` records, as long as the choice of the next one can be trusted (see
   * `PartitionGroup.isReady`; `idleMaxMs` is -1 when left out); returns how many.
   */
  readonly processUnsafe: (recordsMax: number, idleMaxMs?: number) => number
  readonly close: () => void
}

/**
 * Builds a task with empty stores; throws `UnsupportedTopology` for what is not executed (see `Unsupported.find`).
 *
 * @since 0.1.0
 */
export const makeUnsafe = (options: Options): Task => {
  const id = `${options.subTopology ?? 0}_${options.partition}`
  const context = Flow.makeContext()
  const stores = makeStores(options)
  const steps = makeSteps(options, context, stores)
  const policy: Policy = {
    taskId: id,
    onDeserializationError: options.onDeserializationError,
    currentTimeMillis: options.currentTimeMillis
  }
  const queues: Array<RecordQueue> = []
  for (const node of nodesOf(options)) {
    if (node._tag !== "Source") continue
    for (const topic of node.topics) {
      if (options.topics !== undefined && !options.topics.includes(topic)) continue
      const step = steps.get(node.name)!
      queues.push(new RecordQueue({ topic, partition: options.partition, source: node, step, context, policy }))
    }
  }
  const group = new PartitionGroup(queues)
  const byTopic = new Map(queues.map((queue) => [queue.topic, queue]))
  const failure = (cause: unknown): TaskError => {
    if (cause instanceof TaskError) return cause
    const { node, offset, partition, topic } = context
    return new TaskError({
      reason: reasonOf(cause),
      taskId: id,
      node,
      topic,
      partition,
      offset,
      detail: detailOf(cause),
      cause
    })
  }
  return {
    id,
    group,
    stores,
    context,
    queueOf: (topic) => byTopic.get(topic),
    addUnsafe: (queue, chunk) => {
      const hadHead = queue.hasHead
      try {
        queue.addUnsafe(chunk)
      } catch (cause) {
        throw failure(cause)
      }
      group.noteAdded(queue, hadHead)
    },
    processUnsafe: (recordsMax, idleMaxMs = -1) => {
      let processed = 0
      try {
        for (; processed < recordsMax; processed++) {
          if (idleMaxMs >= 0 && !group.isFull && !group.isReady(options.currentTimeMillis(), idleMaxMs)) break
          const queue = group.take()
          if (queue === undefined) break
          queue.processHeadUnsafe()
          group.giveBack(queue)
        }
        for (const { store } of stores.values()) store.flush()
      } catch (cause) {
        throw failure(cause)
      }
      return processed
    },
    close: () => {
      for (const { store } of stores.values()) store.close()
    }
  }
}

const reasonOf = (cause: unknown): TaskError["reason"] => {
  const tag = typeof cause === "object" && cause !== null && "_tag" in cause ? cause._tag : undefined
  return tag === "SerdeError"
    ? "Serialize"
    : tag === "RecordError" || tag === "CompressionError"
    ? "Deserialize"
    : "UserCode"
}

const nodesOf = (options: Options): ReadonlyArray<Resolved.Node> => {
  const { subTopology, topology } = options
  if (subTopology === undefined) return topology.nodes
  const names = new Set(topology.subTopologies.find((each) => each.id === subTopology)?.nodes)
  return topology.nodes.filter((node) => names.has(node.name))
}

/** The shortest time that Kafka's stores on disk put into one segment; older segments expire as a whole. */
const segmentMinMs = 60_000

const makeStores = (options: Options): Map<string, TaskStore> => {
  const { output, partition, subTopology, topology } = options
  const stores = new Map<string, TaskStore>()
  for (const definition of topology.stores) {
    if (subTopology !== undefined && definition.subTopology !== subTopology) continue
    const { changelog, name } = definition
    const log: ChangeLog = changelog._tag === "Topic"
      ? {
        append: (key, value, at, headers = Flow.noHeaders) =>
          output.send(changelog.topic, partition, key, value, at, headers)
      }
      : noLog
    switch (definition._tag) {
      case "KeyValue":
        stores.set(name, { definition, store: InMemoryKeyValueStore.make(name, log) })
        break
      case "Window": {
        // Kafka's time-ordered stores on disk still give back what starts exactly at the end of the retention
        const { retentionMs, timeOrdered, type } = definition
        const keptMs = type === "persistent" && timeOrdered ? retentionMs + 1 : retentionMs
        stores.set(name, { definition, store: InMemoryWindowStore.make(name, keptMs, log) })
        break
      }
      case "Session": {
        const { retentionMs, timeOrdered, type } = definition
        const segmentMs = type === "memory" || !timeOrdered
          ? undefined
          : Math.max(Math.floor(retentionMs / 2), segmentMinMs)
        stores.set(name, { definition, store: InMemorySessionStore.make(name, retentionMs, segmentMs, log) })
        break
      }
      case "SuppressBuffer":
        stores.set(name, { definition, store: SuppressBuffer.make(name, log) })
        break
    }
  }
  return stores
}

const unsupported = (node: string, kind: string) =>
  new UnsupportedTopology({ node, kind, hint: "ask Unsupported.find before a task is built" })

const makeSteps = (
  options: Options,
  context: Flow.Context,
  stores: ReadonlyMap<string, TaskStore>
): ReadonlyMap<string, Flow.Step> => {
  const { currentTimeMillis, windowCloseIntervalMs: intervalMs = 1000 } = options
  const throttle: Throttle = { intervalMs, currentTimeMillis }
  const steps = new Map<string, Flow.Step>()
  const nodes = nodesOf(options)
  const byName = new Map(nodes.map((node) => [node.name, node]))
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!
    const forward = Flow.sequence(node.children.map((child) => steps.get(child)!))
    if (node._tag === "Source") steps.set(node.name, forward)
    else if (node._tag === "Sink") steps.set(node.name, SinkStep.make(node, context, options.output))
    else steps.set(node.name, processorStep(node, context, storeAccess(stores), throttle, steps, byName, forward))
  }
  return steps
}

interface Access extends JoinSteps.Stores {
  readonly buffer: (name: string) => {
    readonly store: AnySuppressBuffer
    readonly serdes: { readonly key: Serde.Any; readonly value: Serde.Any }
  }
  readonly keyValue: (name: string) => StoreAccess.KeyValueAccess
  readonly optional: (name: string | undefined) => StoreAccess.KeyValueAccess | undefined
  readonly window: (name: string) => StoreAccess.WindowAccess
  readonly session: (name: string) => StoreAccess.SessionAccess
  readonly isInMemory: (name: string) => boolean
}

const storeAccess = (stores: ReadonlyMap<string, TaskStore>): Access => {
  const find = (name: string) => {
    const found = stores.get(name)
    if (found === undefined) throw unsupported(name, "a store of another sub-topology")
    return found
  }
  const keyValue = (name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.keyValue(store as KeyValueStore, definition.key, definition.value)
  }
  const window = (name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.window(store as WindowStore, definition.key, definition.value)
  }
  const session = (name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.session(store as SessionStore, definition.key, definition.value)
  }
  const buffer = (name: string) => {
    const { definition: { key, value }, store } = find(name)
    return { store: store as AnySuppressBuffer, serdes: { key, value } }
  }
  return {
    buffer,
    heldBack: (name, inner) => {
      const { serdes, store } = buffer(name)
      return SuppressSteps.lookup(inner, store, serdes)
    },
    keyValue,
    optional: (name) => name === undefined ? undefined : keyValue(name),
    window,
    session,
    isInMemory: (name) => find(name).definition.type === "memory",
    table: (name) => {
      switch (find(name).definition._tag) {
        case "KeyValue":
          return keyValue(name)
        case "Window":
          return StoreAccess.windowed(window(name))
        case "Session":
          return StoreAccess.inSessions(session(name))
        case "SuppressBuffer":
          throw unsupported(name, "a buffer as a table")
      }
    }
  }
}

const processorStep = (
  node: Resolved.ProcessorNode,
  context: Flow.Context,
  access: Access,
  throttle: Throttle,
  steps: ReadonlyMap<string, Flow.Step>,
  byName: ReadonlyMap<string, Resolved.Node>,
  forward: Flow.Step
): Flow.Step => {
  const { name, processor } = node
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
      return StreamSteps.branch(processor, name, context, (child) => steps.get(child)!)
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
      return SuppressSteps.suppress(processor, name, context, store, serdes, forward)
    }
    case "StreamTableJoin": {
      const table = JoinSteps.lookup(processor.table, access)
      return JoinSteps.streamTable(processor, name, context, table, forward)
    }
    case "TableJoin":
      return JoinSteps.tableTable(processor, name, context, JoinSteps.lookup(processor.other, access), forward)
    case "TableJoinMerge":
      return TableSteps.joinMerge(processor, name, context, access.optional(processor.store), forward)
    case "FilterEffect":
    case "MapValuesEffect":
      throw unsupported(name, processor._tag)
  }
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
