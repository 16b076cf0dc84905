/**
 * Brings the stores of new tasks to where they were: reads their changelogs from the beginning to the end.
 *
 * Keeps true: a task runs only after each of its changelogs was read up to the end that was seen after its positions were
 * known; so what its positions cover is in its stores. With read committed the end is waited for, so that a transaction
 * that is being settled is neither half in nor left out.
 * Leaves to others: who may write to a changelog (the group sees to it that a task has one owner).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore } from "../../consumer/ConsumerCore.ts"
import { ConsumerError } from "../../consumer/ConsumerError.ts"
import { ChunkCursor, type RecordChunk } from "../../consumer/RecordChunk.ts"
import type { StateStore } from "../engine/stores/StateStore.ts"
import { detailOf } from "../engine/TaskError.ts"
import type { ManagedTask } from "./TaskManager.ts"

interface Restore extends TopicPartition {
  readonly managed: ManagedTask
  readonly store: StateStore
  /** Where to stop, whatever the log has more: the position of a table's own topic. */
  readonly bound: number
  end: number | undefined
  isReading: boolean
}

const restoreChunk = ({ bound, store }: Restore, chunk: RecordChunk): void => {
  const cursor = new ChunkCursor(chunk)
  const { record } = cursor
  while (cursor.next() && record.offset < bound) {
    const key = record.key()
    if (key !== null) store.restore(key, record.value(), record.timestamp)
  }
}

/**
 * The restores under way. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class Restorer {
  private readonly active = new Map<string, Restore>()
  private readonly consumer: ConsumerCore
  private isAssignmentStale = false

  /** `consumer` has no group, and reads as the app does (committed, with exactly-once). */
  constructor(consumer: ConsumerCore) {
    this.consumer = consumer
  }

  /** How many changelogs are being read. */
  get size(): number {
    return this.active.size
  }

  /** Begins to restore a task whose positions are known. */
  begin(managed: ManagedTask, positionOf: (partition: TopicPartition) => number | undefined): void {
    managed.state = "restoring"
    for (const { definition, store } of managed.task.stores.values()) {
      const { changelog } = definition
      if (changelog._tag === "None") continue
      const { topic } = changelog
      const { partition } = managed
      const bound = changelog._tag === "Source" ? positionOf({ topic, partition }) ?? 0 : Number.POSITIVE_INFINITY
      const restore = { topic, partition, managed, store, bound, end: undefined, isReading: false }
      this.active.set(keyOf(topic, partition), restore)
      this.isAssignmentStale = true
    }
    this.settle(managed)
  }

  /** Stops restoring a task that was taken away. */
  forget(managed: ManagedTask): void {
    for (const [key, restore] of this.active) {
      if (restore.managed !== managed) continue
      this.active.delete(key)
      this.isAssignmentStale = true
    }
  }

  /** Reads on, for at most `maxWaitMs`; tasks that are complete are `running` afterwards. */
  readonly advance = (maxWaitMs: number): Effect.Effect<void, ConsumerError> =>
    Effect.gen({ self: this }, function*() {
      if (this.isAssignmentStale) yield* this.assign()
      if (this.active.size === 0) return
      for (const chunk of yield* this.consumer.poll(maxWaitMs)) {
        const restore = this.active.get(keyOf(chunk.topic, chunk.partition))
        if (restore === undefined) continue
        yield* Effect.try({
          try: () => restoreChunk(restore, chunk),
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
        if (restore.end === undefined) {
          const watermarks = this.consumer.watermarks(restore)
          if (watermarks === undefined) continue
          restore.end = Math.min(watermarks.highWatermark, restore.bound)
        }
        const position = this.consumer.position(restore)
        if (position === undefined || position < restore.end) continue
        this.active.delete(key)
        this.isAssignmentStale = true
        this.settle(restore.managed)
      }
    })

  private settle(managed: ManagedTask): void {
    for (const restore of this.active.values()) if (restore.managed === managed) return
    managed.state = "running"
  }

  /** New ones begin at the beginning, also if the consumer has read the same partition before. */
  private *assign() {
    this.isAssignmentStale = false
    const restores = [...this.active.values()]
    const partitionsOf = (some: ReadonlyArray<Restore>) => some.map(({ partition, topic }) => ({ topic, partition }))
    yield* this.consumer.assign(partitionsOf(restores.filter((restore) => restore.isReading)))
    yield* this.consumer.assign(partitionsOf(restores))
    for (const restore of restores) restore.isReading = true
  }
}
