/**
 * What metrics tell of a task: of itself, its nodes, topics, stores and caches.
 *
 * @since 0.1.0
 */
import type { GlobalState } from "../GlobalState.ts"
import type { RecordQueue } from "../RecordQueue.ts"
import type { Task } from "../Task.ts"
import type { TaskStore } from "../TaskStores.ts"
import * as Definitions from "./Definitions.ts"
import type { Telling } from "./Metric.ts"
import { overheadBytes } from "./RecordSize.ts"
import type { StoreMeasures } from "./StoreMeasures.ts"
import type { TaskMeasures } from "./TaskMeasures.ts"

type Tags = Readonly<Record<string, string>>

/**
 * Tells of a task that a thread runs, and that has so many records of changelogs still to read.
 *
 * @since 0.1.0
 */
export const tellTask = (telling: Telling, threadId: string, task: Task, restoreRemaining = 0): void => {
  const { group: { queues }, id, measures, stores } = task
  const { task: definitions } = Definitions
  const tags = { "thread-id": threadId, "task-id": id }
  const { details } = measures
  tellCommon(telling, tags, measures, stores)
  telling.tell(definitions["process-latency"], tags, details?.latency)
  telling.tell(definitions["active-process-ratio"], tags, measures.processRatio)
  telling.tell(definitions["active-buffer-count"], tags, queues.reduce((sum, queue) => sum + bufferedIn(queue), 0))
  telling.tell(definitions["punctuate-latency"], tags, details?.punctuations)
  telling.tell(definitions.punctuate, tags, details?.punctuations)
  telling.tell(definitions["record-lateness"], tags, details?.lateness)
  telling.tell(definitions["enforced-processing"], tags, details?.enforced)
  telling.tell(definitions.restore, tags, measures.restored)
  telling.tell(definitions["restore-remaining-records-total"], tags, restoreRemaining)
  tellNodes(telling, tags, measures)
  tellTopics(telling, tags, measures, queues)
}

/**
 * Tells of what fills the global stores; Kafka's id of it is -1_-1.
 *
 * @since 0.1.0
 */
export const tellGlobal = (telling: Telling, threadId: string, { measures, stores }: GlobalState): void =>
  tellCommon(telling, { "thread-id": threadId, "task-id": "-1_-1" }, measures, stores)

/**
 * Tells of a standby: what it has read, and its stores.
 *
 * @since 0.1.0
 */
export const tellStandby = (
  telling: Telling,
  threadId: string,
  { id, measures, stores }: {
    readonly id: string
    readonly measures: TaskMeasures
    readonly stores: ReadonlyMap<string, TaskStore>
  }
): void => {
  const tags = { "thread-id": threadId, "task-id": id }
  telling.tell(Definitions.task.update, tags, measures.restored)
  for (const each of stores.values()) tellStore(telling, tags, each, measures.stores.get(each.definition.name))
}

/** Fetched and not yet processed, by their offsets. */
const bufferedIn = ({ nextOffset, position }: RecordQueue): number => Math.max(0, position - nextOffset)

const tellCommon = (
  telling: Telling,
  tags: Tags,
  measures: TaskMeasures,
  stores: ReadonlyMap<string, TaskStore>
): void => {
  const { cache, node, task } = Definitions
  measures.noteDropped()
  telling.tell(task["dropped-records"], tags, measures.dropped)
  telling.tell(task.process, tags, measures.allProcessed)
  for (const [name, sensor] of measures.sources) {
    telling.tell(node.process, { ...tags, "processor-node-id": name }, sensor)
  }
  for (const [name, sensor] of measures.hitRatios) {
    telling.tell(cache["hit-ratio"], { ...tags, "record-cache-id": name }, sensor)
  }
  const caches = [...stores.values()].flatMap(({ store }) => store.cache ?? [])
  if (caches.length > 0) {
    telling.tell(task["cache-size-bytes-total"], tags, caches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  }
  for (const each of stores.values()) tellStore(telling, tags, each, measures.stores.get(each.definition.name))
}

const tellNodes = (telling: Telling, tags: Tags, measures: TaskMeasures): void => {
  const { node } = Definitions
  for (const [name, sensor] of measures.endToEnd) {
    telling.tell(node["record-e2e-latency"], { ...tags, "processor-node-id": name }, sensor)
  }
  for (const [name, sensor] of measures.suppressions) {
    telling.tell(node["suppression-emit"], { ...tags, "processor-node-id": name }, sensor)
  }
  for (const [name, { emitted, latency }] of measures.finalEmits) {
    const ofNode = { ...tags, "processor-node-id": name }
    telling.tell(node["window-aggregate-final-emit"], ofNode, emitted)
    telling.tell(node["window-aggregate-final-emit-latency"], ofNode, latency)
  }
}

const tellTopics = (
  telling: Telling,
  tags: Tags,
  { produced }: TaskMeasures,
  queues: ReadonlyArray<RecordQueue>
): void => {
  const { topic: definitions } = Definitions
  for (const { node, processed, processedBytes, topic } of queues) {
    const ofTopic = { ...tags, "processor-node-id": node, topic }
    telling.tell(definitions["records-consumed-total"], ofTopic, processed)
    telling.tell(definitions["bytes-consumed-total"], ofTopic, processedBytes + processed * overheadBytes(topic))
  }
  for (const [node, topics] of produced) {
    for (const [topic, { contentBytes, records }] of topics) {
      const ofTopic = { ...tags, "processor-node-id": node, topic }
      telling.tell(definitions["records-produced-total"], ofTopic, records)
      telling.tell(definitions["bytes-produced-total"], ofTopic, contentBytes + records * overheadBytes(topic))
    }
  }
}

/** Which Kafka's names call the type of a store. */
const typeOf = ({ definition }: TaskStore): string | undefined => {
  switch (definition._tag) {
    case "KeyValue":
      if (definition.entriesMax !== undefined) return "in-memory-lru"
      return definition.type === "memory" ? "in-memory" : "rocksdb"
    case "Versioned":
      return "rocksdb"
    case "Window":
      return definition.type === "memory" ? "in-memory-window" : "rocksdb-window"
    case "Session":
      return definition.type === "memory" ? "in-memory-session" : "rocksdb-session"
    case "SuppressBuffer":
      return "in-memory-suppression"
    case "JoinBuffer":
      return undefined
  }
}

const tellStore = (telling: Telling, taskTags: Tags, of: TaskStore, measures: StoreMeasures | undefined): void => {
  const { store: definitions } = Definitions
  const { definition: { name }, store } = of
  const type = typeOf(of)
  if (type === undefined) return
  const tags = { ...taskTags, [`${type}-state-id`]: name }
  if (store.kind === "keyValue") {
    telling.tell(definitions[type === "rocksdb" ? "estimate-num-keys" : "num-keys"], tags, store.approximateNumEntries)
  }
  if (measures === undefined) return
  if (store.kind === "suppressBuffer") {
    telling.tell(definitions["suppression-buffer-count"], tags, measures.bufferCount)
    telling.tell(definitions["suppression-buffer-size"], tags, measures.bufferSize)
    return
  }
  for (const operation of operationsOf[store.kind]) {
    const sensor = measures.operation(operation)
    telling.tell(definitions[operation], tags, sensor)
    telling.tell(definitions[`${operation}-latency`], tags, sensor)
  }
  const since = [...measures.open].map(({ sinceMs }) => sinceMs)
  telling.tell(definitions["num-open-iterators"], tags, since.length)
  telling.tell(definitions["oldest-iterator-open-since-ms"], tags, since.length === 0 ? 0 : Math.min(...since))
  telling.tell(definitions["iterator-duration"], tags, measures.iterators)
  telling.tell(definitions["record-e2e-latency"], tags, measures.age)
}

/** What each kind of store can do that is measured. */
const operationsOf = {
  keyValue: ["put", "put-all", "get", "all", "range", "commit", "restore"],
  versioned: ["put", "get", "commit", "restore"],
  window: ["put", "fetch", "commit", "restore"],
  session: ["put", "fetch", "remove", "commit", "restore"],
  joinBuffer: []
} as const
