/**
 * The metrics of an instance under Kafka Streams' groups, names and tags, as they are when they are asked for.
 *
 * Keeps true: whatever is counted per record is a plain counter; all else is done when somebody asks.
 * Leaves to others: where metrics are sent.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { TaskStore } from "../engine/TaskStores.ts"
import type { Instance } from "./Instance.ts"
import type { Sensor } from "./Sensor.ts"
import type { StreamThread } from "./StreamThread.ts"
import type { ManagedTask } from "./TaskManager.ts"

/**
 * One metric. Rates are per second, latencies in milliseconds; a value is NaN where there is nothing to tell.
 *
 * @since 0.1.0
 */
export interface Metric {
  readonly group: string
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly value: number | string
}

/**
 * All metrics of an instance.
 *
 * @since 0.1.0
 */
export const snapshot = (instance: Instance): Effect.Effect<ReadonlyArray<Metric>> =>
  Effect.gen(function*() {
    const nowMs = yield* MonotonicTime.millis
    const wallMs = yield* Clock.currentTimeMillis
    const metrics: Array<Metric> = [...ofClient(instance)]
    for (const thread of instance.threads()) {
      metrics.push(...ofThread(thread, nowMs, wallMs))
      for (const managed of thread.tasks.tasks.values()) metrics.push(...ofTask(thread.name, managed))
    }
    return metrics
  })

const ofClient = ({ processId, settings: { applicationId }, state, threads }: Instance): ReadonlyArray<Metric> => {
  const values = {
    "application-id": applicationId,
    state: state.current,
    "alive-stream-threads": threads().length,
    "failed-stream-threads": state.failedThreads
  }
  const tags = { "client-id": `${applicationId}-${processId()}` }
  return Object.entries(values).map(([name, value]) => ({ group: "stream-metrics", name, tags, value }))
}

const ofThread = ({ name: thread, sensors, status, tasks }: StreamThread, nowMs: number, wallMs: number) => {
  const tags = { "thread-id": thread }
  const { commit, poll, processing, startMs } = sensors
  const timed = (name: string, sensor: Sensor): ReadonlyArray<readonly [string, number]> => [
    [`${name}-total`, sensor.total],
    [`${name}-rate`, sensor.rate(nowMs)],
    [`${name}-latency-avg`, sensor.average(nowMs)],
    [`${name}-latency-max`, sensor.max(nowMs)]
  ]
  const values: ReadonlyArray<readonly [string, number | string]> = [
    ...timed("process", processing),
    ...timed("poll", poll),
    ...timed("commit", commit),
    ["task-created-total", tasks.created],
    ["task-closed-total", tasks.closed],
    ["thread-start-time", wallMs - (nowMs - startMs)],
    ["state", status.state]
  ]
  return values.map(([name, value]): Metric => ({ group: "stream-thread-metrics", name, tags, value }))
}

const ofTask = (thread: string, { id, task }: ManagedTask): ReadonlyArray<Metric> => {
  const tags = { "thread-id": thread, "task-id": id }
  const metrics: Array<Metric> = []
  const tell = (group: string, name: string, value: number, more: Record<string, string> = {}) =>
    metrics.push({ group, name, tags: { ...tags, ...more }, value })
  let processed = 0
  let buffered = 0
  let bufferedBytes = 0
  for (const queue of task.group.queues) {
    const node = { "processor-node-id": queue.node }
    processed += queue.processed
    buffered += Math.max(0, queue.position - queue.nextOffset)
    bufferedBytes += queue.sizeInBytes
    tell("stream-processor-node-metrics", "process-total", queue.processed, node)
    tell("stream-topic-metrics", "records-consumed-total", queue.processed, { ...node, "topic-name": queue.topic })
    tell("stream-topic-metrics", "bytes-consumed-total", queue.bytesTaken, { ...node, "topic-name": queue.topic })
  }
  tell("stream-task-metrics", "process-total", processed)
  tell("stream-task-metrics", "dropped-records-total", task.context.dropped)
  tell("stream-task-metrics", "active-buffer-count", buffered)
  tell("stream-task-metrics", "input-buffer-bytes-total", bufferedBytes)
  for (const store of task.stores.values()) {
    const { definition: { name, type } } = store
    const keys = keysOf(store)
    const tag = type === "memory" ? "in-memory-state-id" : "rocksdb-state-id"
    if (keys !== undefined) tell("stream-state-metrics", "num-keys", keys, { [tag]: name })
  }
  return metrics
}

const keysOf = ({ store }: TaskStore): number | undefined => {
  switch (store.kind) {
    case "keyValue":
      return store.approximateNumEntries
    case "suppressBuffer":
      return store.count
    default:
      return undefined
  }
}
