/**
 * One instance of an application in a driver with partitions: its tasks, and the transaction that it has open.
 *
 * Keeps true: what was not committed when it crashes is gone with exactly-once, and there to be done again with
 * at-least-once; a task begins at what is committed, with its stores as its changelogs say.
 * Leaves to others: which tasks it has, when it commits (`PartitionedTestDriver`).
 *
 * @since 0.1.0
 */
import type { EffectRunner } from "@millrace/client/streams/engine/effects/EffectStages"
import type { Output } from "@millrace/client/streams/engine/Flow"
import type { RawChunk, RecordQueue } from "@millrace/client/streams/engine/RecordQueue"
import * as GlobalState from "@millrace/client/streams/engine/GlobalState"
import type { ExceptionHandlers } from "@millrace/client/streams/engine/errors/ExceptionHandlers"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as Task from "@millrace/client/streams/engine/Task"
import type { TaskStore } from "@millrace/client/streams/engine/TaskStores"
import * as CommitMetadata from "@millrace/client/streams/runtime/CommitMetadata"
import type * as ResolvedTopology from "@millrace/core/streams/ResolvedTopology"
import * as DriverInput from "./DriverInput.ts"
import type { TopicLog, Transaction } from "./TopicLog.ts"

/**
 * Which task: a sub-topology, for one partition number.
 *
 * @since 0.1.0
 */
export interface TaskId {
  readonly id: string
  readonly subTopology: number
  readonly partition: number
}

/**
 * Where the application goes on in a partition, and what it remembers of it.
 *
 * @since 0.1.0
 */
export interface Committed {
  readonly offset: number
  readonly metadata: string
}

/**
 * What instances share: the topology, the topics, and the committed offsets of the application, by topic and partition.
 *
 * @since 0.1.0
 */
export interface Cluster {
  readonly topology: ResolvedTopology.ResolvedTopology
  readonly effects: EffectRunner
  readonly isExactlyOnce: boolean
  readonly stateStoreCacheMaxBytes: number
  readonly handlers: ExceptionHandlers
  readonly currentTimeMillis: () => number
  readonly log: (topic: string) => TopicLog
  readonly committed: Map<string, Committed>
}

/**
 * The key of a partition.
 *
 * @since 0.1.0
 */
export const partitionKey = (topic: string, partition: number): string => `${topic}/${partition}`

/** More records than any test writes: a task works off all that it has. */
const recordsMax = Number.MAX_SAFE_INTEGER

/**
 * An instance.
 *
 * @since 0.1.0
 */
export class DriverInstance {
  readonly name: string
  readonly tasks = new Map<string, Task.Task>()
  readonly #cluster: Cluster
  readonly #globals: GlobalState.GlobalState
  readonly #places = new Map<string, Omit<TaskId, "id">>()
  readonly #positions = new Map<string, number>()
  readonly #output: Output
  readonly #cache: RecordCache | undefined
  #transaction: Transaction | undefined
  #droppedRecords = 0

  constructor(name: string, cluster: Cluster) {
    this.name = name
    this.#cluster = cluster
    this.#cache = RecordCache.ofSize(cluster.stateStoreCacheMaxBytes)
    this.#globals = GlobalState.makeUnsafe(cluster)
    this.#output = {
      partitionCount: (topic) => cluster.log(topic).partitionCount,
      send: (topic, partition, key, value, timestamp, headers) => {
        const log = cluster.log(topic)
        const transaction = cluster.isExactlyOnce ? this.#transaction ??= { state: "open" } : undefined
        log.append(partition < 0 ? log.partitionOf(key) : partition, { key, value, timestamp, headers, transaction })
      }
    }
  }

  /** Takes a task over. Throws `TaskError`. */
  add({ id, partition, subTopology }: TaskId): void {
    const { currentTimeMillis, effects, handlers, topology } = this.#cluster
    const output = this.#output
    const emitIntervalMs = 0
    const shared = { topology, effects, output, handlers, currentTimeMillis, emitIntervalMs }
    const globalStores = this.#globals.stores
    const cache = this.#cache
    const task = Task.makeUnsafe({ ...shared, subTopology, partition, topics: [], globalStores, cache })
    this.#restore(task, partition)
    this.#open(task, subTopology, partition)
    this.tasks.set(id, task)
    this.#places.set(id, { subTopology, partition })
    task.initializeUnsafe()
  }

  /** Lets tasks read topics that are new. */
  openNew(): void {
    for (const [id, task] of this.tasks) {
      const { partition, subTopology } = this.#places.get(id)!
      this.#open(task, subTopology, partition)
    }
  }

  #open(task: Task.Task, subTopology: number, partition: number): void {
    const { committed, log, topology } = this.#cluster
    const { sourceTopics } = topology.subTopologies.find((each) => each.id === subTopology)!
    for (const topic of sourceTopics) {
      if (partition >= log(topic).partitionCount || task.queueOf(topic) !== undefined) continue
      const queue = task.openQueue(topic)!
      const key = partitionKey(topic, partition)
      const known = committed.get(key)
      this.#positions.set(key, known?.offset ?? 0)
      if (known !== undefined) CommitMetadata.remember(task, queue, known.metadata)
    }
  }

  #restore(task: Task.Task, partition: number): void {
    const { committed, isExactlyOnce, log } = this.#cluster
    for (const { definition: { changelog }, store } of task.stores.values()) {
      if (changelog._tag === "None") continue
      const { topic } = changelog
      const bound = changelog._tag === "Source" ? committed.get(partitionKey(topic, partition))?.offset ?? 0 : Infinity
      for (const { headers, key, offset, timestamp, value } of log(topic).read(partition, 0, isExactlyOnce).records) {
        if (key !== null && offset < bound) store.restore(key, value, timestamp, headers)
      }
    }
  }

  /** Gives a task up. */
  remove(id: string): void {
    const task = this.tasks.get(id)
    if (task === undefined) return
    this.#droppedRecords += task.context.dropped
    task.close()
    this.tasks.delete(id)
    this.#places.delete(id)
  }

  /** The stores that every instance has all of. */
  get globalStores(): ReadonlyMap<string, TaskStore> {
    return this.#globals.stores
  }

  /** How many records its tasks have dropped, those too that it has no more. */
  get droppedRecords(): number {
    let sum = this.#droppedRecords + this.#globals.context.dropped
    for (const task of this.tasks.values()) sum += task.context.dropped
    return sum
  }

  /** Takes new records and processes at most `most` of what can be; how many it processed. Throws `TaskError`. */
  processUnsafe(most = recordsMax): number {
    this.#followGlobals()
    let processed = 0
    for (const task of this.tasks.values()) {
      for (const queue of task.group.queues) this.#feed(task, queue)
      processed += task.processUnsafe(most - processed)
      if (processed >= most) break
    }
    return processed
  }

  /** Runs the punctuations that are due by the wall clock. Throws `TaskError`. */
  punctuateUnsafe(): void {
    for (const task of this.tasks.values()) task.punctuateUnsafe()
  }

  /** Takes all that there is of global topics: every instance has them whole. */
  #followGlobals(): void {
    for (const topic of this.#globals.topics) {
      for (let partition = 0; partition < this.#cluster.log(topic).partitionCount; partition++) {
        const chunk = this.#read(topic, partition)
        if (chunk !== undefined) this.#globals.applyUnsafe(topic, partition, chunk)
      }
    }
  }

  #feed(task: Task.Task, queue: RecordQueue): void {
    const chunk = this.#read(queue.topic, queue.partition)
    if (chunk !== undefined) task.addUnsafe(queue, chunk)
  }

  /** What is new in a partition since it was read last. */
  #read(topic: string, partition: number): RawChunk | undefined {
    const key = partitionKey(topic, partition)
    const { isExactlyOnce, log } = this.#cluster
    const { nextOffset, records } = log(topic).read(partition, this.#positions.get(key) ?? 0, isExactlyOnce)
    this.#positions.set(key, nextOffset)
    return records.length === 0 ? undefined : DriverInput.chunk(records, nextOffset)
  }

  /** Commits what was processed since the last commit. */
  commit(): void {
    for (const task of this.tasks.values()) {
      task.flushUnsafe()
      for (const queue of task.group.queues) {
        const { committable: offset, partition, topic } = queue
        if (offset === undefined) continue
        this.#cluster.committed.set(partitionKey(topic, partition), {
          offset,
          metadata: CommitMetadata.of(task, queue)
        })
      }
    }
    if (this.#transaction !== undefined) this.#transaction.state = "committed"
    this.#transaction = undefined
  }

  /** Ends without a word. */
  crash(): void {
    if (this.#transaction !== undefined) this.#transaction.state = "aborted"
    for (const id of [...this.tasks.keys()]) this.remove(id)
  }
}
