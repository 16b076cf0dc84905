/**
 * The tasks of one instance: made for the partitions that the group gives, fed with what is fetched, run in turns.
 *
 * Keeps true: a partition belongs to at most one task; offsets to commit are those of records that were processed; a task
 * processes nothing before it is restored.
 * Leaves to others: fetching, restoring, committing; it makes no request itself.
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { OffsetAndMetadata } from "../../consumer/ConsumerCore.ts"
import { ChunkCursor, type RecordChunk } from "../../consumer/RecordChunk.ts"
import * as limits from "../../limits.ts"
import type { EffectRunner } from "../engine/effects/EffectStages.ts"
import { type Context, makeContext, type Output } from "../engine/Flow.ts"
import { type Measuring, TaskMeasures } from "../engine/metrics/TaskMeasures.ts"
import type { ExceptionHandlers } from "../engine/errors/ExceptionHandlers.ts"
import type { RecordCache } from "../engine/stores/cache/RecordCache.ts"
import * as Task from "../engine/Task.ts"
import * as TaskStores from "../engine/TaskStores.ts"
import * as CommitMetadata from "./CommitMetadata.ts"
import type { LocalState } from "./LocalState.ts"

/**
 * A task and where it is in its life: `created` until its positions are known, `restoring` until its stores are as they
 * were, then `running`.
 *
 * @since 0.1.0
 */
export interface ManagedTask {
  readonly id: string
  readonly partition: number
  /** Grows when a topic appears that a source of the task reads by pattern. */
  readonly partitions: Array<TopicPartition>
  readonly task: Task.Task
  state: "created" | "restoring" | "running"
}

/**
 * The stores of a task that runs elsewhere, kept up to date here.
 *
 * @since 0.1.0
 */
export interface StandbyTask {
  readonly id: string
  readonly partition: number
  readonly context: Context
  readonly measures: TaskMeasures
  readonly stores: ReadonlyMap<string, TaskStores.TaskStore>
  /** The same, for those who ask them: that is measured as it is of a task. */
  readonly asked: ReadonlyMap<string, TaskStores.TaskStore>
}

/**
 * What tasks are made with.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly topology: ResolvedTopology
  readonly output: Output
  readonly globalStores?: ReadonlyMap<string, TaskStores.TaskStore> | undefined
  readonly handlers?: ExceptionHandlers | undefined
  readonly maxTaskIdleMs: number
  readonly emitIntervalMs: number
  readonly currentTimeMillis: () => number
  /** How much is measured, and the clock for what takes less than a millisecond. */
  readonly measuring?: Omit<Measuring, "currentTimeMillis"> | undefined
  readonly effects: EffectRunner
  /** What the tasks' stores share to hold changes back until a commit; undefined: nothing is held back. */
  readonly cache?: RecordCache | undefined
  /** Where stores on disk are; without it they are in memory, too. */
  readonly local?: LocalState | undefined
  /** The id of a topic; empty if it is not known. */
  readonly topicIdOf?: ((topic: string) => string) | undefined
}

/**
 * The manager. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class TaskManager {
  readonly tasks = new Map<string, ManagedTask>()
  readonly standbys = new Map<string, StandbyTask>()
  /** How many tasks were made, and how many were closed again. */
  created = 0
  closed = 0
  /** How many records tasks have processed. */
  processed = 0
  private readonly byPartition = new Map<string, ManagedTask>()
  private readonly committed = new Map<string, number>()
  private readonly subTopologyOf = new Map<string, number>()
  private readonly options: Options
  private turn = 0

  constructor(options: Options) {
    this.options = options
    for (const { id, sourceTopics } of options.topology.subTopologies) {
      for (const topic of sourceTopics) this.subTopologyOf.set(topic, id)
    }
  }

  /**
   * Makes the tasks of partitions that were assigned; one that was a standby here takes over its stores. Throws
   * `StoreEngineError`.
   */
  addUnsafe(partitions: ReadonlyArray<TopicPartition>): void {
    const groups = new Map<string, { subTopology: number; partition: number; partitions: Array<TopicPartition> }>()
    for (const each of partitions) {
      const subTopology = this.subTopologyOf.get(each.topic) ?? this.matching(each.topic)
      if (subTopology === undefined) continue
      const id = `${subTopology}_${each.partition}`
      const group = groups.get(id)
      if (group === undefined) groups.set(id, { subTopology, partition: each.partition, partitions: [each] })
      else group.partitions.push(each)
    }
    for (const [id, group] of groups) {
      const { partition, partitions, subTopology } = group
      const running = this.tasks.get(id)
      if (running !== undefined) {
        this.extend(running, partitions)
        continue
      }
      const task = Task.makeUnsafe({
        ...this.options,
        context: this.standbys.get(id)?.context,
        stores: this.standbys.get(id)?.stores,
        subTopology,
        partition,
        topics: partitions.map((each) => each.topic),
        openUnsafe: this.storesOf(id)
      })
      const managed: ManagedTask = { id, partition, partitions, task, state: "created" }
      this.standbys.delete(id)
      this.tasks.set(id, managed)
      this.created++
      for (const each of partitions) this.byPartition.set(keyOf(each.topic, each.partition), managed)
    }
  }

  /** A changelog that has no partition for the task of a partition that was assigned, and how many it has. */
  withoutChangelog(partitions: ReadonlyArray<TopicPartition>):
    | { readonly source: TopicPartition; readonly changelog: string; readonly partitionCount: number }
    | undefined
  {
    const { output, topology } = this.options
    for (const source of partitions) {
      const subTopology = this.subTopologyOf.get(source.topic) ?? this.matching(source.topic)
      for (const { changelog, subTopology: of } of topology.stores) {
        if (of !== subTopology || changelog._tag === "None") continue
        const partitionCount = output.partitionCount(changelog.topic)
        // 0: a source topic that serves as the changelog
        if (partitionCount > 0 && source.partition >= partitionCount) {
          return { source, changelog: changelog.topic, partitionCount }
        }
      }
    }
    return undefined
  }

  private storesOf(taskId: string): Task.Options["openUnsafe"] {
    const { local, topicIdOf } = this.options
    if (local === undefined || topicIdOf === undefined) return undefined
    return ({ changelog, name }) =>
      local.openUnsafe(taskId, name, changelog._tag === "None" ? "" : topicIdOf(changelog.topic))
  }

  /** Lets a task read topics that have appeared since it was made. */
  private extend(managed: ManagedTask, partitions: ReadonlyArray<TopicPartition>): void {
    for (const each of partitions) {
      const key = keyOf(each.topic, each.partition)
      if (this.byPartition.has(key)) continue
      managed.task.openQueue(each.topic)
      managed.partitions.push(each)
      this.byPartition.set(key, managed)
    }
  }

  /** The sub-topology that reads a topic by pattern. */
  private matching(topic: string): number | undefined {
    const { subTopologies } = this.options.topology
    return subTopologies.find(({ sourcePatterns }) => TopicPattern.matching(sourcePatterns, [topic]).length > 0)?.id
  }

  /** Forgets the tasks of partitions that were taken away, and what they held. */
  remove(partitions: ReadonlyArray<TopicPartition>): void {
    for (const { partition, topic } of partitions) {
      const managed = this.byPartition.get(keyOf(topic, partition))
      if (managed === undefined) continue
      managed.task.close()
      this.options.local?.close(managed.id)
      this.tasks.delete(managed.id)
      this.closed++
      for (const each of managed.partitions) {
        const key = keyOf(each.topic, each.partition)
        this.byPartition.delete(key)
        this.committed.delete(key)
      }
    }
  }

  /** Lets tasks remember what was committed with the offsets that they begin at. */
  remember(committed: ReadonlyArray<OffsetAndMetadata>): void {
    for (const { metadata, partition, topic } of committed) {
      const task = this.byPartition.get(keyOf(topic, partition))?.task
      const queue = task?.queueOf(topic)
      if (task === undefined || queue === undefined) continue
      CommitMetadata.remember(task, queue, metadata)
    }
  }

  /** Makes a standby of a task that does not run here; throws `StoreEngineError`. */
  addStandbyUnsafe(id: string): StandbyTask {
    const { currentTimeMillis, output, topology } = this.options
    const [subTopology, partition] = id.split("_").map(Number)
    const options = { topology, output, subTopology: subTopology!, partition: partition! }
    const context = makeContext()
    const measures = new TaskMeasures(context, { ...this.options.measuring, currentTimeMillis })
    const stores = TaskStores.make({ ...options, context, openUnsafe: this.storesOf(id) })
    const asked = TaskStores.measured(stores, measures)
    const standby = { id, partition: partition!, context, measures, stores, asked }
    this.standbys.set(id, standby)
    return standby
  }

  /** Forgets a standby and what it held. */
  removeStandby(id: string): void {
    this.options.local?.close(id)
    for (const { store } of this.standbys.get(id)?.stores.values() ?? []) store.close()
    this.standbys.delete(id)
  }

  /** Takes fetched records to their task; throws `TaskError`. */
  addChunkUnsafe(chunk: RecordChunk): void {
    const managed = this.byPartition.get(keyOf(chunk.topic, chunk.partition))
    const queue = managed?.task.queueOf(chunk.topic)
    if (managed === undefined || queue === undefined) return
    const { leaderEpoch, nextOffset, sizeInBytes } = chunk
    managed.task.addUnsafe(queue, { cursor: () => new ChunkCursor(chunk), leaderEpoch, nextOffset, sizeInBytes })
  }

  /** Tells tasks with several inputs what is left at the broker of those that have no record here. */
  noteLags(lagOf: (partition: TopicPartition) => number | undefined): void {
    for (const { partition, state, task } of this.tasks.values()) {
      if (state !== "running" || task.group.queues.length === 1) continue
      for (const queue of task.group.queues) {
        if (!queue.hasHead) queue.lag = lagOf({ topic: queue.topic, partition }) ?? -1
      }
    }
  }

  /**
   * Runs the tasks in turns until none can go on or they have worked for `mostMs`; returns how many records were processed.
   * Throws `TaskError`.
   */
  processUnsafe(mostMs: number): number {
    const total = this.turnsUnsafe(mostMs * MonotonicTime.nanosPerMilli)
    this.shareOut()
    return total
  }

  private turnsUnsafe(mostNs: number): number {
    let spentNs = 0
    let total = 0
    let before = -1
    while (total !== before) {
      before = total
      const running = [...this.tasks.values()].filter((managed) => managed.state === "running")
      for (let i = 0; i < running.length; i++) {
        const { task } = running[(this.turn + i) % running.length]!
        const spentBeforeNs = task.measures.spentNs
        total += this.turnUnsafe(task)
        spentNs += task.measures.spentNs - spentBeforeNs
        if (spentNs >= mostNs) {
          this.turn += i + 1
          return total
        }
      }
    }
    return total
  }

  /** A turn of one task, measured. */
  private turnUnsafe({ measures, processUnsafe }: Task.Task): number {
    const before = measures.processed
    const startNs = measures.nanoTime()
    try {
      return processUnsafe(limits.recordsPerTurnMax, this.options.maxTaskIdleMs)
    } finally {
      measures.spentNs += measures.nanoTime() - startNs
      this.processed += measures.processed - before
    }
  }

  /** Tells each task its share of the time in which tasks were processing. */
  private shareOut(): void {
    let allNs = 0
    for (const { task: { measures } } of this.tasks.values()) allNs += measures.spentNs
    for (const { task: { measures } } of this.tasks.values()) {
      measures.processRatio = measures.spentNs / allNs
      measures.spentNs = 0
    }
  }

  /** Runs the punctuations that are due by the wall clock; how many were. Throws `TaskError`. */
  punctuateUnsafe(): number {
    let punctuated = 0
    for (const { state, task } of this.tasks.values()) {
      if (state === "running") punctuated += task.punctuateUnsafe()
    }
    return punctuated
  }

  /** Whether a processor has asked for a commit since this was asked last. */
  takeCommitRequest(): boolean {
    let isAny = false
    for (const { task } of this.tasks.values()) if (task.takeCommitRequest()) isAny = true
    return isAny
  }

  /** How many records wait for effects. */
  get waiting(): number {
    let waiting = 0
    for (const { task } of this.tasks.values()) waiting += task.waiting()
    return waiting
  }

  /** Lets go on what has waited for effects; throws `TaskError`. */
  settleUnsafe(): void {
    for (const { task } of this.tasks.values()) task.settleUnsafe()
  }

  /** Passes on what caches hold back, which may make records wait for effects again; throws `TaskError`. */
  flushUnsafe(): void {
    for (const { task } of this.tasks.values()) task.flushUnsafe()
  }

  /** Lets caches that may hold less than they do pass on what is too much; whether any did. Throws `TaskError`. */
  shrinkCacheUnsafe(): boolean {
    return this.options.cache?.shrink() ?? false
  }

  /** Whether some running task has records that wait. */
  get hasRecords(): boolean {
    for (const { state, task } of this.tasks.values()) if (state === "running" && task.group.hasRecords) return true
    return false
  }

  /** Offsets that moved since they were committed. */
  committable(): ReadonlyArray<OffsetAndMetadata> {
    const offsets: Array<OffsetAndMetadata> = []
    for (const { partition, task } of this.tasks.values()) {
      for (const queue of task.group.queues) {
        const offset = queue.committable
        if (offset === undefined || offset === this.committed.get(keyOf(queue.topic, partition))) continue
        const { leaderEpoch, topic } = queue
        offsets.push({ topic, partition, offset, leaderEpoch, metadata: CommitMetadata.of(task, queue) })
      }
    }
    return offsets
  }

  /** Remembers that these offsets are committed. */
  noteCommitted(offsets: ReadonlyArray<OffsetAndMetadata>): void {
    for (const { offset, partition, topic } of offsets) this.committed.set(keyOf(topic, partition), offset)
  }

  /** Tells the local state how far running tasks are in their changelogs: all that they have changed is written. */
  notePositions(local: LocalState, writtenEnd: (topic: string, partition: number) => number): void {
    for (const { id, partition, state, task } of this.tasks.values()) {
      if (state !== "running") continue
      for (const { definition: { changelog, name } } of task.stores.values()) {
        if (changelog._tag === "None") continue
        const { topic } = changelog
        const end = changelog._tag === "Source"
          ? this.committedOffset({ topic, partition })
          : writtenEnd(topic, partition)
        if (end !== undefined && end >= 0) local.notePosition(id, name, end)
      }
    }
  }

  /** The tasks that have nothing but what was read from changelogs, which is committed. */
  idsOfRestored(): ReadonlySet<string> {
    const restoring = [...this.tasks.values()].filter(({ state }) => state === "restoring").map(({ id }) => id)
    return new Set([...restoring, ...this.standbys.keys()])
  }

  /** The partitions of all tasks. */
  partitions(): ReadonlyArray<TopicPartition> {
    return [...this.tasks.values()].flatMap((managed) => managed.partitions)
  }

  /** The offset up to which a partition's records are committed by this instance; undefined if it has committed none. */
  committedOffset({ partition, topic }: TopicPartition): number | undefined {
    return this.committed.get(keyOf(topic, partition))
  }

  /** Partitions whose fetched records are more than they should be, and all others. */
  fullness(): { readonly full: ReadonlyArray<TopicPartition>; readonly open: ReadonlyArray<TopicPartition> } {
    const full: Array<TopicPartition> = []
    const open: Array<TopicPartition> = []
    for (const { partition, state, task } of this.tasks.values()) {
      for (const queue of task.group.queues) {
        const isFull = state !== "running" || queue.sizeInBytes > limits.bufferedPerPartitionMaxBytes
        ;(isFull ? full : open).push({ topic: queue.topic, partition })
      }
    }
    return { full, open }
  }
}
