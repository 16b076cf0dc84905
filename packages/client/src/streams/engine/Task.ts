/**
 * A task: one sub-topology (or all of them, in a test driver) for one partition number, ready to run.
 *
 * Keeps true: records are processed one at a time, completely, in the order of the partition group; a failure names its node
 * and record, and leaves the task unusable; changes of stores are logged before the record's results are sent.
 * Leaves to others: fetching, committing, restoring, where output goes.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import * as EffectLevels from "./effects/EffectLevels.ts"
import { type EffectRunner, EffectStages } from "./effects/EffectStages.ts"
import { ErrorHandling } from "./errors/ErrorHandling.ts"
import type { ExceptionHandlers } from "./errors/ExceptionHandlers.ts"
import * as Flow from "./Flow.ts"
import type { Position } from "../Position.ts"
import type { Sensor } from "./metrics/Sensor.ts"
import { type Measuring, TaskMeasures } from "./metrics/TaskMeasures.ts"
import { PartitionGroup } from "./PartitionGroup.ts"
import { Processing } from "./Processing.ts"
import { Punctuations } from "./Punctuations.ts"
import { type Policy, type RawChunk, RecordQueue } from "./RecordQueue.ts"
import * as Steps from "./Steps.ts"
import { type TaskError, taskError } from "./TaskError.ts"
import { TaskPosition } from "./TaskPosition.ts"
import type { RecordCache } from "./stores/cache/RecordCache.ts"
import type { AnyStore } from "./stores/StateStore.ts"
import * as TaskStores from "./TaskStores.ts"

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
  /** The stores of the instance that every task may read. */
  readonly globalStores?: ReadonlyMap<string, TaskStores.TaskStore> | undefined
  readonly output: Flow.Output
  /** What the app says of records that fail. */
  readonly handlers?: ExceptionHandlers | undefined
  readonly currentTimeMillis: () => number
  /** How much is measured, and the clock for what takes less than a millisecond. */
  readonly measuring?: Omit<Measuring, "currentTimeMillis"> | undefined
  /** How often at most an aggregation looks for windows that have closed; 1000, as Kafka, when left out. */
  readonly emitIntervalMs?: number | undefined
  /** How often at most a join of streams looks for what has found no partner; as `emitIntervalMs` when left out. */
  readonly joinEmitIntervalMs?: number | undefined
  /** What the stores date their changes by, where they are there already. */
  readonly context?: Flow.Context | undefined
  /** The stores, where they are there already; otherwise they are made, empty. */
  readonly stores?: ReadonlyMap<string, TaskStores.TaskStore> | undefined
  /** Where stores on disk are; without it they are in memory, too. */
  readonly openUnsafe?: TaskStores.Options["openUnsafe"]
  /** What runs the effects of the topology; needed if it has any. */
  readonly effects?: EffectRunner | undefined
  /** The record cache of the instance; undefined: every change is passed on at once. */
  readonly cache?: RecordCache | undefined
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
  readonly stores: ReadonlyMap<string, TaskStores.TaskStore>
  readonly context: Flow.Context
  readonly measures: TaskMeasures
  /** The queue of a topic's partition. */
  readonly queueOf: (topic: string) => RecordQueue | undefined
  /** The queue of a topic that a source reads by name or by pattern; it is made if it is not there. */
  readonly openQueue: (topic: string) => RecordQueue | undefined
  /** Tells at which offset the partition of each topic begins: what is before is in the restored stores. */
  readonly beginAt: (offsetOf: (topic: string) => number | undefined) => void
  /** How far into the task's inputs a store is. */
  readonly positionOf: (store: string) => Position
  /** Takes fetched records (see `RecordQueue.addUnsafe`). */
  readonly addUnsafe: (queue: RecordQueue, chunk: RawChunk) => void
  /**
   * Processes at most `recordsMax` records, as long as the choice of the next one can be trusted (see
   * `PartitionGroup.isReady`; `idleMaxMs` is -1 when left out), and lets go on what has waited for effects; returns how many
   * records were processed or went on.
   */
  readonly processUnsafe: (recordsMax: number, idleMaxMs?: number) => number
  /** Initializes the processors, which otherwise happens before the first record. */
  readonly initializeUnsafe: () => void
  /** Runs what is due by the wall clock, unless records wait for effects; how much was. */
  readonly punctuateUnsafe: () => number
  /** Whether a processor has asked for a commit since this was asked last. */
  readonly takeCommitRequest: () => boolean
  /** How many records wait for effects. They are processed, but their results are not all there. */
  readonly waiting: () => number
  /** Lets go on what has waited for effects, and takes no new records; returns how many records did. */
  readonly settleUnsafe: () => number
  /** Passes on what caches hold back, and logs what buffers hold: to be called before each commit. */
  readonly flushUnsafe: () => void
  readonly close: () => void
}

/**
 * Builds a task with empty stores; throws `UnsupportedTopology` for what is not executed.
 *
 * @since 0.1.0
 */
export const makeUnsafe = (options: Options): Task => {
  const id = `${options.subTopology ?? 0}_${options.partition}`
  const context = options.context ?? Flow.makeContext()
  const { currentTimeMillis, emitIntervalMs: intervalMs = 1000, joinEmitIntervalMs: joinIntervalMs = intervalMs } =
    options
  const errors = new ErrorHandling({ taskId: id, handlers: options.handlers, context, output: options.output })
  const output = errors.guardOutput(options.output)
  const measures = new TaskMeasures(context, { ...options.measuring, currentTimeMillis })
  const made = options.stores ?? TaskStores.make({ ...options, output, context })
  const behind = options.cache === undefined ? made : TaskStores.cached(made, options.cache, context)
  const stores = TaskStores.measured(behind, measures)
  const punctuations = new Punctuations(context, errors, currentTimeMillis, measures)
  const processing = new Processing({
    applicationId: options.topology.applicationId,
    taskId: id,
    context,
    stores,
    globalStores: options.globalStores ?? new Map(),
    punctuations,
    currentTimeMillis
  })
  const nodes = nodesOf(options)
  const effects = effectsOf(id, nodes, context, options.effects)
  const steps = Steps.make({
    nodes,
    context,
    effects,
    stores: TaskStores.access(stores, options.globalStores),
    output,
    errors,
    throttle: { intervalMs, joinIntervalMs, currentTimeMillis, measures },
    processing
  })
  const policy: Policy = { errors, measures, currentTimeMillis, hasMutableHeaders: !processing.isEmpty }
  const { details } = measures
  const group = new PartitionGroup([], details && (() => details.enforced.record(measures.nowMs, 1)))
  const byTopic = new Map<string, RecordQueue>()
  const openQueue = (topic: string): RecordQueue | undefined => {
    const known = byTopic.get(topic)
    const source = known === undefined ? sourceOf(nodes, topic) : undefined
    if (source === undefined) return known
    const step = steps.get(source.name)!
    const queue = new RecordQueue({ topic, partition: options.partition, source, step, context, policy })
    byTopic.set(topic, queue)
    group.add(queue)
    return queue
  }
  for (const topic of options.topics ?? nodes.flatMap((node) => node._tag === "Source" ? node.topics : [])) {
    openQueue(topic)
  }
  const inOrder = storesInOrder(nodes, stores)
  const position = new TaskPosition({ nodes, stores, group, effects })
  const isWaiting = () => effects !== undefined && effects.pending > 0
  // apart from the loop, where a closure would cost something for each record
  const measureHeadUnsafe = (latency: Sensor, queue: RecordQueue) =>
    measures.timed(latency, () => queue.processHeadUnsafe())
  const failure = (cause: unknown): TaskError => taskError(cause, id, context)
  return {
    id,
    group,
    stores,
    context,
    measures,
    queueOf: (topic) => byTopic.get(topic),
    openQueue,
    beginAt: (offsetOf) => {
      for (const queue of group.queues) queue.beginAt(offsetOf(queue.topic) ?? -1)
      position.noteSettled()
    },
    positionOf: (store) => position.of(store),
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
      let settled = 0
      measures.begin()
      try {
        processing.initializeUnsafe()
        if (effects !== undefined) settled = effects.settleUnsafe()
        while (true) {
          if (punctuations.isStreamTimeDue) {
            if (isWaiting()) break
            punctuations.punctuateStreamTimeUnsafe()
          }
          if (processed === recordsMax) break
          if (effects !== undefined && effects.isFull) break
          if (idleMaxMs >= 0 && !group.isFull && !group.isReady(options.currentTimeMillis(), idleMaxMs)) break
          // a punctuation that is due waits for effects, and new records wait for it
          if (effects !== undefined && punctuations.isWallClockDue) break
          const queue = group.take()
          if (queue === undefined) break
          if (details === undefined) queue.processHeadUnsafe()
          else measureHeadUnsafe(details.latency, queue)
          group.giveBack(queue)
          processed++
          if (effects !== undefined) settled += effects.settleUnsafe()
        }
      } catch (cause) {
        throw failure(cause)
      } finally {
        measures.end(processed)
      }
      return processed + settled
    },
    initializeUnsafe: () => {
      try {
        processing.initializeUnsafe()
      } catch (cause) {
        throw failure(cause)
      }
    },
    punctuateUnsafe: () => {
      try {
        processing.initializeUnsafe()
        if (!punctuations.isWallClockDue || isWaiting()) return 0
        measures.begin()
        const punctuated = punctuations.punctuateWallClockUnsafe()
        measures.end(0)
        return punctuated
      } catch (cause) {
        throw failure(cause)
      }
    },
    takeCommitRequest: () => {
      const isRequested = processing.isCommitRequested
      processing.isCommitRequested = false
      return isRequested
    },
    waiting: () => effects === undefined ? 0 : effects.pending,
    settleUnsafe: () => {
      if (effects === undefined) return 0
      measures.begin()
      try {
        return effects.settleUnsafe()
      } catch (cause) {
        throw failure(cause)
      } finally {
        measures.end(0)
      }
    },
    flushUnsafe: () => {
      measures.begin()
      let failed: { readonly cause: unknown } | undefined
      do {
        for (const store of inOrder) {
          try {
            store.flush()
          } catch (cause) {
            // as Kafka: the others are flushed all the same, and it fails of the first
            failed ??= { cause }
          }
        }
        if (failed !== undefined) throw failure(failed.cause)
      } while (inOrder.some((store) => store.isDirty === true))
      if (!isWaiting()) position.noteSettled()
      measures.end(0)
    },
    close: () => {
      effects?.close()
      try {
        processing.closeUnsafe()
      } catch (cause) {
        throw failure(cause)
      } finally {
        for (const { store } of stores.values()) store.close()
      }
    }
  }
}

const sourceOf = (nodes: ReadonlyArray<Resolved.Node>, topic: string): Resolved.SourceNode | undefined => {
  for (const node of nodes) {
    if (node._tag !== "Source") continue
    if (node.topics.includes(topic)) return node
    if (node.pattern !== undefined && TopicPattern.matches(node.pattern, topic)) return node
  }
  return undefined
}

/** Stores above before those below, which get what is flushed. */
const storesInOrder = (
  nodes: ReadonlyArray<Resolved.Node>,
  stores: ReadonlyMap<string, TaskStores.TaskStore>
): ReadonlyArray<AnyStore> => {
  const names = new Set([
    ...nodes.flatMap((node) => node._tag === "Processor" ? node.stores : []),
    ...stores.keys()
  ])
  return [...names].flatMap((name) => stores.get(name)?.store ?? [])
}

/** Where records wait for the effects of these nodes, if they have any. */
const effectsOf = (
  taskId: string,
  nodes: ReadonlyArray<Resolved.Node>,
  context: Flow.Context,
  runner: EffectRunner | undefined
): EffectStages | undefined => {
  const levels = runner === undefined ? undefined : EffectLevels.make(nodes)
  return runner === undefined || levels === undefined
    ? undefined
    : new EffectStages({ taskId, levels, context, runner })
}

const nodesOf = (options: Options): ReadonlyArray<Resolved.Node> => {
  const { subTopology, topology } = options
  if (subTopology === undefined) return topology.nodes
  const names = new Set(topology.subTopologies.find((each) => each.id === subTopology)?.nodes)
  return topology.nodes.filter((node) => names.has(node.name))
}
