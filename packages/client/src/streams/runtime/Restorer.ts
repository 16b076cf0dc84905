/**
 * Brings the stores of tasks to where they were by reading their changelogs from where their stores on disk are, or else
 * from the beginning: to the end for tasks that are to run, and on and on for standbys.
 *
 * Keeps true: a task runs only after each of its changelogs was read up to the end that was seen after its positions were
 * known; so what its positions cover is in its stores. With read committed the end is waited for, so that a transaction
 * that is being settled is neither half in nor left out. A standby that becomes active goes on where it was. A table's own
 * topic is read no further than its task has committed.
 * Leaves to others: who may write to a changelog (the group sees to it that a task has one owner).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore, OffsetAndMetadata } from "../../consumer/ConsumerCore.ts"
import { ConsumerError } from "../../consumer/ConsumerError.ts"
import { ChunkCursor, type RecordChunk } from "../../consumer/RecordChunk.ts"
import type { TaskMeasures } from "../engine/metrics/TaskMeasures.ts"
import type { StateStore } from "../engine/stores/StateStore.ts"
import type { TaskStore } from "../engine/TaskStores.ts"
import { detailOf } from "../engine/TaskError.ts"
import type { LocalState } from "./LocalState.ts"
import type { StandbyUpdateListener, SuspendReason } from "./StandbyUpdateListener.ts"
import type { RestoredStore, StateRestoreListener } from "./StateRestoreListener.ts"
import type { ManagedTask, StandbyTask } from "./TaskManager.ts"

interface Restore extends TopicPartition {
  /** Undefined for a standby, whose changelog has no end. */
  readonly managed: ManagedTask | undefined
  readonly taskId: string
  readonly store: StateStore
  /** Where to begin: what is below is in the store. */
  readonly from: number
  /**
   * Where to stop, whatever the log has more: in a table's own topic the position of the task, or for a standby what is known
   * to be committed.
   */
  bound: number
  end: number | undefined
  isReading: boolean
  /** How many records were taken into the store. */
  restored: number
  readonly measures: TaskMeasures
  /** To be called when the store is complete. */
  readonly onComplete: (() => void) | undefined
}

/** Takes records into the store; returns how many. */
const restoreChunk = ({ bound, store }: Restore, chunk: RecordChunk): number => {
  const cursor = new ChunkCursor(chunk)
  const { record } = cursor
  let restored = 0
  while (cursor.next() && record.offset < bound) {
    const key = record.key()
    if (key === null) continue
    store.restore(key, record.value(), record.timestamp, record.headers())
    restored++
  }
  return restored
}

const isBounded = ({ bound, managed }: Restore): boolean => managed === undefined && Number.isFinite(bound)

const named = ({ partition, store, topic }: Restore): RestoredStore => ({ topic, partition, store: store.name })

/**
 * Who hears of restores, and of standbys.
 *
 * @since 0.1.0
 */
export interface Listeners {
  readonly restore?: StateRestoreListener | undefined
  readonly standby?: StandbyUpdateListener | undefined
}

/**
 * The restores under way. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class Restorer {
  private readonly active = new Map<string, Restore>()
  private readonly consumer: ConsumerCore
  private readonly local: LocalState | undefined
  private readonly listener: StateRestoreListener
  private readonly standbyListener: StandbyUpdateListener
  private isAssignmentStale = false
  /** How many records were taken into stores. */
  restored = 0

  /** `consumer` has no group, and reads as the app does (committed, with exactly-once). */
  constructor(consumer: ConsumerCore, local?: LocalState, { restore = {}, standby = {} }: Listeners = {}) {
    this.consumer = consumer
    this.local = local
    this.listener = restore
    this.standbyListener = standby
  }

  /** How many changelogs are being read for tasks that are to run. */
  get size(): number {
    let size = 0
    for (const { managed } of this.active.values()) if (managed !== undefined) size++
    return size
  }

  /** Whether any changelog is being read. */
  get isReading(): boolean {
    return this.active.size > 0
  }

  /** Begins to restore a task whose positions are known, where its standby was if it had one. */
  begin(managed: ManagedTask, positionOf: (partition: TopicPartition) => number | undefined): void {
    managed.state = "restoring"
    for (const taskStore of managed.task.stores.values()) {
      const { definition: { changelog } } = taskStore
      if (changelog._tag === "None") continue
      const { partition } = managed
      const { topic } = changelog
      const standby = this.active.get(keyOf(topic, partition))
      const read = standby?.isReading === true ? this.consumer.position(standby) : standby?.from
      if (standby !== undefined) this.noteSuspended(standby, "PROMOTED")
      const from = read ?? this.onDisk(managed.id, taskStore)
      const bound = changelog._tag === "Source" ? positionOf({ topic, partition }) ?? 0 : Number.POSITIVE_INFINITY
      this.read(managed, managed, taskStore, { topic, partition }, from, bound)
    }
    this.settle(managed)
  }

  /** Begins to keep a standby up to date; tables that have no changelog but their own topic wait for `raise`. */
  follow(standby: StandbyTask): void {
    const { id, partition, stores } = standby
    for (const taskStore of stores.values()) {
      const { definition: { changelog } } = taskStore
      if (changelog._tag === "None") continue
      const from = this.onDisk(id, taskStore)
      const bound = changelog._tag === "Source" ? from : Number.POSITIVE_INFINITY
      this.read(standby, undefined, taskStore, { topic: changelog.topic, partition }, from, bound)
    }
  }

  /** The topics of tables whose standbys read no further than is committed. */
  get bounded(): ReadonlyArray<TopicPartition> {
    return [...this.active.values()].filter(isBounded)
  }

  /** Tells how far the tasks of standbys have committed. */
  raise(committed: ReadonlyArray<OffsetAndMetadata>): void {
    for (const { offset, partition, topic } of committed) {
      const restore = this.active.get(keyOf(topic, partition))
      if (restore === undefined || !isBounded(restore) || offset <= restore.bound) continue
      restore.bound = offset
      if (restore.isReading) this.heedBound(restore)
    }
  }

  /** Reads on below the bound; what was fetched beyond it comes again. */
  private heedBound(restore: Restore): void {
    const { bound, from } = restore
    const position = this.consumer.position(restore) ?? from
    if (position > bound) this.consumer.seek(restore, bound)
    if (position >= bound) this.consumer.pause([restore])
    else this.consumer.resume([restore])
  }

  /** Stops reading for a task that was taken away. */
  forget(taskId: string): void {
    for (const [key, restore] of this.active) {
      if (restore.taskId !== taskId) continue
      if (restore.end !== undefined) this.listener.onRestoreSuspended?.(named(restore), restore.restored)
      this.noteSuspended(restore, "MIGRATED")
      this.active.delete(key)
      this.isAssignmentStale = true
    }
  }

  /** Tells that a standby is not kept up to date any more, if it was. */
  private noteSuspended(restore: Restore, reason: SuspendReason): void {
    if (restore.managed !== undefined || !restore.isReading) return
    const offset = (this.consumer.position(restore) ?? restore.from) - 1
    this.standbyListener.onUpdateSuspended?.(named(restore), offset, this.endOf(restore), reason)
  }

  /** Where a changelog ends, as far as the last fetch told; -1 before there was one. */
  private endOf(restore: Restore): number {
    return this.consumer.watermarks(restore)?.highWatermark ?? -1
  }

  /** Up to where a changelog is read; undefined if it is not being read. */
  position(partition: TopicPartition): number | undefined {
    const restore = this.active.get(keyOf(partition.topic, partition.partition))
    if (restore === undefined) return undefined
    return (restore.isReading ? this.consumer.position(restore) : undefined) ?? restore.from
  }

  /** How many records of a changelog that is being read are still to be read; undefined if that is not known. */
  lag(partition: TopicPartition): number | undefined {
    const restore = this.active.get(keyOf(partition.topic, partition.partition))
    return restore?.isReading === true ? this.consumer.lag(restore) : undefined
  }

  /** How many offsets of changelogs a task still has to read before it runs, as far as that is known. */
  remaining(taskId: string): number {
    let remaining = 0
    for (const restore of this.active.values()) {
      if (restore.taskId !== taskId || restore.end === undefined) continue
      remaining += Math.max(0, restore.end - (this.position(restore) ?? restore.end))
    }
    return remaining
  }

  /** The sum of the offsets that a task's changelogs are read up to. */
  offsetSum(taskId: string): number {
    let sum = 0
    for (const restore of this.active.values()) {
      if (restore.taskId === taskId) sum += this.position(restore) ?? 0
    }
    return sum
  }

  /** Reads on, for at most `maxWaitMs`; tasks that are complete are `running` afterwards. */
  readonly advance = (maxWaitMs: number): Effect.Effect<void, ConsumerError> =>
    Effect.gen({ self: this }, function*() {
      if (this.isAssignmentStale) yield* this.assign()
      if (this.active.size === 0) return
      const chunks = yield* this.consumer.poll(maxWaitMs)
      this.findEnds()
      for (const chunk of chunks) {
        const restore = this.active.get(keyOf(chunk.topic, chunk.partition))
        if (restore === undefined) continue
        yield* Effect.try({
          try: () => {
            const restored = restoreChunk(restore, chunk)
            restore.restored += restored
            this.restored += restored
            restore.measures.noteRestored(restored)
            if (restore.end !== undefined) this.listener.onBatchRestored?.(named(restore), chunk.nextOffset, restored)
            if (restore.managed === undefined) this.noteLoaded(restore, chunk, restored)
            this.local?.notePosition(restore.taskId, restore.store.name, Math.min(chunk.nextOffset, restore.bound))
            if (isBounded(restore)) this.heedBound(restore)
          },
          catch: (cause) =>
            new ConsumerError({
              reason: "CorruptRecord",
              detail: `changelog ${chunk.topic}-${chunk.partition} cannot be read: ${detailOf(cause)}`,
              hint: "delete the changelog topic if the state may be lost",
              cause
            })
        })
      }
      for (const [key, restore] of this.active) {
        if (restore.managed === undefined || restore.end === undefined) continue
        const position = this.consumer.position(restore)
        if (position === undefined || position < restore.end) continue
        this.local?.notePosition(restore.taskId, restore.store.name, restore.end)
        this.active.delete(key)
        this.isAssignmentStale = true
        restore.onComplete?.()
        this.listener.onRestoreEnd?.(named(restore), restore.restored)
        this.settle(restore.managed)
      }
    })

  private noteLoaded(restore: Restore, { nextOffset }: RecordChunk, restored: number): void {
    const offset = Math.min(nextOffset, restore.bound) - 1
    this.standbyListener.onBatchLoaded?.(named(restore), restore.taskId, offset, restored, this.endOf(restore))
  }

  /** Finds up to where tasks that are to run have to be read, as soon as a fetch has told. */
  private findEnds(): void {
    for (const restore of this.active.values()) {
      const watermarks = restore.managed === undefined || restore.end !== undefined
        ? undefined
        : this.consumer.watermarks(restore)
      if (watermarks === undefined) continue
      restore.end = Math.min(watermarks.highWatermark, restore.bound)
      this.listener.onRestoreStart?.(named(restore), restore.from, restore.end)
    }
  }

  private read(
    task: ManagedTask | StandbyTask,
    managed: ManagedTask | undefined,
    { store }: TaskStore,
    { partition, topic }: TopicPartition,
    from: number,
    bound: number
  ): void {
    const measures = "task" in task ? task.task.measures : task.measures
    const restore = {
      topic,
      partition,
      taskId: task.id,
      measures,
      onComplete: managed === undefined ? undefined : measures.restoring(store.name),
      managed,
      store,
      from,
      bound,
      end: undefined,
      isReading: false,
      restored: 0
    }
    this.active.set(keyOf(topic, partition), restore)
    this.isAssignmentStale = true
  }

  /** How far into its changelog a store on disk has come. */
  private onDisk(taskId: string, { store }: TaskStore): number {
    return this.local?.positionOf(taskId, store.name) ?? 0
  }

  private settle(managed: ManagedTask): void {
    for (const restore of this.active.values()) if (restore.managed === managed) return
    managed.state = "running"
  }

  /** New ones begin where they should, also if the consumer has read the same partition before. */
  private *assign() {
    this.isAssignmentStale = false
    const restores = [...this.active.values()]
    const partitionsOf = (some: ReadonlyArray<Restore>) => some.map(({ partition, topic }) => ({ topic, partition }))
    yield* this.consumer.assign(partitionsOf(restores.filter((restore) => restore.isReading)))
    yield* this.consumer.assign(partitionsOf(restores))
    for (const restore of restores) {
      if (!restore.isReading && restore.from > 0) this.consumer.seek(restore, restore.from)
      if (isBounded(restore)) this.heedBound(restore)
      else if (!restore.isReading) this.consumer.resume([restore])
      const isNew = !restore.isReading && restore.managed === undefined
      if (isNew) this.standbyListener.onUpdateStart?.(named(restore), restore.from)
      restore.isReading = true
    }
  }
}
