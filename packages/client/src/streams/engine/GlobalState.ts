/**
 * The global stores of an instance: filled from all partitions of their topics, read by every task.
 *
 * Keeps true: a record is applied completely when it is taken, in the order of its partition; nothing is logged, the topic
 * itself is the log; a failure names its node and record.
 * Leaves to others: fetching, and holding tasks back until the topics were read.
 *
 * @since 0.1.0
 */
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as Position from "../Position.ts"
import { ErrorHandling } from "./errors/ErrorHandling.ts"
import type { ExceptionHandlers } from "./errors/ExceptionHandlers.ts"
import * as Flow from "./Flow.ts"
import { type Measuring, TaskMeasures } from "./metrics/TaskMeasures.ts"
import { type Policy, type RawChunk, RecordQueue } from "./RecordQueue.ts"
import * as Steps from "./Steps.ts"
import { Processing } from "./Processing.ts"
import { noLog } from "./stores/StateStore.ts"
import { taskError } from "./TaskError.ts"
import * as TaskStores from "./TaskStores.ts"

/**
 * What global stores are made with.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly topology: Resolved.ResolvedTopology
  /** What the app says of records that cannot be deserialised, or processed; global topics have no dead letters. */
  readonly handlers?:
    | Pick<
      ExceptionHandlers,
      "deserializationExceptionHandler" | "processingExceptionHandler" | "processingExceptionHandlerGlobalEnabled"
    >
    | undefined
  readonly currentTimeMillis: () => number
  /** How much is measured, and the clock for what takes less than a millisecond. */
  readonly measuring?: Omit<Measuring, "currentTimeMillis"> | undefined
}

/**
 * The global stores, and the way into them. All of it is synchronous; what can fail is thrown as `TaskError`.
 *
 * @since 0.1.0
 */
export interface GlobalState {
  readonly stores: ReadonlyMap<string, TaskStores.TaskStore>
  readonly topics: ReadonlyArray<string>
  readonly context: Flow.Context
  /** How far into their topics the stores are. */
  readonly position: () => Position.Position
  readonly measures: TaskMeasures
  /** Applies fetched records of a topic's partition. */
  readonly applyUnsafe: (topic: string, partition: number, chunk: RawChunk) => void
  readonly close: () => void
}

/** Kafka names what fills global stores as if it were a task. */
const taskId = "global"

const nowhere: Flow.Output = { send: () => {}, partitionCount: () => 0 }

/**
 * Builds empty global stores.
 *
 * @since 0.1.0
 */
export const makeUnsafe = (options: Options): GlobalState => {
  const { currentTimeMillis, handlers = {}, topology: { globalStores } } = options
  const context = Flow.makeContext()
  const { deserializationExceptionHandler, processingExceptionHandler, processingExceptionHandlerGlobalEnabled } =
    handlers
  const asked = {
    deserializationExceptionHandler,
    processingExceptionHandler: processingExceptionHandlerGlobalEnabled === true
      ? processingExceptionHandler
      : undefined
  }
  const errors = new ErrorHandling({ taskId, handlers: asked, context, output: nowhere })
  const measures = new TaskMeasures(context, { ...options.measuring, currentTimeMillis })
  const made = new Map(globalStores.map(({ store: definition }) => [
    definition.name,
    TaskStores.makeStore(definition, noLog, context)
  ]))
  const stores = TaskStores.measured(made, measures)
  const processing = new Processing({
    applicationId: options.topology.applicationId,
    taskId,
    context,
    stores,
    globalStores: stores,
    punctuations: undefined,
    currentTimeMillis
  })
  const steps = Steps.make({
    nodes: globalStores.flatMap(({ processor, source }) => [source, processor]),
    context,
    stores: TaskStores.access(stores),
    output: nowhere,
    errors,
    throttle: { intervalMs: 0, joinIntervalMs: 0, currentTimeMillis, measures },
    processing
  })
  const policy: Policy = { errors, measures, currentTimeMillis, hasMutableHeaders: !processing.isEmpty }
  // as Kafka: the time of a record of a global topic is its own, whatever extractor there is
  const timestampExtractor = { _tag: "FailOnInvalid" } as const
  const sources = new Map(globalStores.map(({ source, topic }) => [topic, { ...source, timestampExtractor }]))
  const queues = new Map<string, RecordQueue>()
  const queueOf = (topic: string, partition: number): RecordQueue | undefined => {
    const name = `${topic}-${partition}`
    const known = queues.get(name)
    const source = sources.get(topic)
    if (known !== undefined || source === undefined) return known
    const queue = new RecordQueue({ topic, partition, source, step: steps.get(source.name)!, context, policy })
    queues.set(name, queue)
    return queue
  }
  return {
    stores,
    topics: [...sources.keys()],
    context,
    position: () =>
      Position.fromComponents(
        [...queues.values()].map(({ nextOffset, partition, topic }) => ({ topic, partition, offset: nextOffset - 1 }))
      ),
    measures,
    applyUnsafe: (topic, partition, chunk) => {
      const queue = queueOf(topic, partition)
      if (queue === undefined) return
      try {
        processing.initializeUnsafe()
        measures.begin()
        const before = queue.processed
        queue.addUnsafe(chunk)
        while (queue.hasHead) queue.processHeadUnsafe()
        measures.end(queue.processed - before)
      } catch (cause) {
        throw taskError(cause, taskId, context)
      }
    },
    close: () => {
      processing.closeUnsafe()
      for (const { store } of stores.values()) store.close()
    }
  }
}
