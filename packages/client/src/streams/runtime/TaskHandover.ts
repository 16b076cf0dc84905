/**
 * Takes over the tasks of partitions that the group gives to an instance, and gives up those of partitions that it takes away.
 *
 * Keeps true: a task begins at what is committed, or else where its source says, with what it remembered there; its partitions
 * are paused until it runs; what is given up is restored no more.
 * Leaves to others: committing before tasks are given up (`StreamsLoop`), restoring (`Restorer`).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore, OffsetAndMetadata } from "../../consumer/ConsumerCore.ts"
import type { ResetPolicy } from "../../consumer/ConsumerOptions.ts"
import type { Restorer } from "./Restorer.ts"
import { consuming, stateFailed, StreamsError } from "./StreamsError.ts"
import type { TaskManager } from "./TaskManager.ts"

/**
 * What it works with.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly applicationId: string
  readonly tasks: TaskManager
  readonly restorer: Restorer
  /** Where a partition of this topic begins that has no committed offset. */
  readonly offsetResetOf: (topic: string) => ResetPolicy
}

type Positions = Pick<ConsumerCore, "committed" | "pause" | "seek" | "seekToBeginning" | "seekToEnd" | "seekByDuration">

/**
 * The way of tasks in and out. Owned by the fiber of the app's loop.
 *
 * @since 0.1.0
 */
export class TaskHandover {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Makes the tasks of partitions that `consumer` was given; `isAgain`: it is elsewhere in them, and has to go back. */
  take(
    consumer: Positions,
    partitions: ReadonlyArray<TopicPartition>,
    isAgain: boolean
  ): Effect.Effect<void, StreamsError> {
    if (partitions.length === 0) return Effect.void
    const { applicationId, tasks } = this.parts
    const outgrown = tasks.withoutChangelog(partitions)
    if (outgrown !== undefined) return Effect.fail(this.outgrown(outgrown))
    return Effect.flatMap(Effect.mapError(consumer.committed(partitions), consuming(applicationId)), (committed) => {
      const failure = isAgain ? this.seekToCommitted(consumer, partitions, committed) : undefined
      if (failure !== undefined) return Effect.fail(failure)
      return Effect.try({
        try: () => {
          tasks.addUnsafe(partitions)
          consumer.pause(partitions)
          tasks.remember(committed)
        },
        catch: (cause) => stateFailed(applicationId, cause)
      })
    })
  }

  /** Throws the tasks of partitions away. */
  giveUp(partitions: ReadonlyArray<TopicPartition>): void {
    const { restorer, tasks } = this.parts
    const gone = new Set(partitions.map(({ partition, topic }) => keyOf(topic, partition)))
    for (const { id, partitions: mine } of tasks.tasks.values()) {
      if (mine.some(({ partition, topic }) => gone.has(keyOf(topic, partition)))) restorer.forget(id)
    }
    tasks.remove(partitions)
  }

  /** Positions partitions at what is committed, or where their topic says. */
  private seekToCommitted(
    consumer: Positions,
    partitions: ReadonlyArray<TopicPartition>,
    committed: ReadonlyArray<OffsetAndMetadata>
  ): StreamsError<never> | undefined {
    const offsets = new Map(committed.map((each) => [keyOf(each.topic, each.partition), each]))
    for (const each of partitions) {
      const found = offsets.get(keyOf(each.topic, each.partition))
      const reset = this.parts.offsetResetOf(each.topic)
      if (found !== undefined) consumer.seek(each, found.offset, found.leaderEpoch)
      else if (reset === "earliest") consumer.seekToBeginning([each])
      else if (reset === "latest") consumer.seekToEnd([each])
      else if (reset === "none") return this.withoutPosition(each)
      else consumer.seekByDuration([each], reset.byDurationMs)
    }
    return undefined
  }

  private withoutPosition({ partition, topic }: TopicPartition): StreamsError<never> {
    return new StreamsError<never>({
      reason: "Consuming",
      applicationId: this.parts.applicationId,
      detail: `nothing is committed for ${keyOf(topic, partition)}, and its source says not to begin anywhere else`,
      hint: "commit a position for the group, or give the source an offsetReset"
    })
  }

  private outgrown(
    { changelog, partitionCount, source: { partition, topic } }: NonNullable<
      ReturnType<TaskManager["withoutChangelog"]>
    >
  ): StreamsError<never> {
    return new StreamsError<never>({
      reason: "InternalTopics",
      applicationId: this.parts.applicationId,
      detail: `${changelog} has ${partitionCount} partitions, and the task of ${
        keyOf(topic, partition)
      } needs one more`,
      hint: "give topics of a source no more partitions than its first had, or reset the app"
    })
  }
}
