/**
 * Fills the global stores of an instance: from the beginning of their topics to the end before tasks start, then on and on.
 *
 * Keeps true: `bootstrap` ends when all that the topics held when it began was applied; with exactly-once, what an open
 * transaction has written is left for later. It has a consumer of its own, without a group: each instance reads everything.
 * Leaves to others: what a record does to a store (the engine).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { TopicPartition } from "../../cluster/TopicPartition.ts"
import { keyOf } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore } from "../../consumer/ConsumerCore.ts"
import type { ConsumerError } from "../../consumer/ConsumerError.ts"
import { ChunkCursor, type RecordChunk } from "../../consumer/RecordChunk.ts"
import * as limits from "../../limits.ts"
import type { GlobalState } from "../engine/GlobalState.ts"
import { TaskError } from "../engine/TaskError.ts"
import { consuming, processing, type StreamsError } from "./StreamsError.ts"

/**
 * What an updater is made of. `partitions`: all of the topics of the state.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly applicationId: string
  readonly status: { readonly isStopping: boolean }
  readonly state: GlobalState
  readonly partitions: ReadonlyArray<TopicPartition>
  readonly consumer: ConsumerCore
}

/**
 * An updater of global stores.
 *
 * @since 0.1.0
 */
export interface GlobalStoreUpdater {
  /** Ends when the stores hold what their topics held, or the app is asked to stop. */
  readonly bootstrap: Effect.Effect<void, StreamsError>
  /** Never ends by itself; after `bootstrap`. */
  readonly follow: Effect.Effect<never, StreamsError>
}

/**
 * Makes an updater.
 *
 * @since 0.1.0
 */
export const make = (options: Options): GlobalStoreUpdater => {
  const { applicationId, consumer, partitions, state, status } = options
  const asking = <A>(effect: Effect.Effect<A, ConsumerError>) => Effect.mapError(effect, consuming(applicationId))
  const apply = (chunk: RecordChunk): Effect.Effect<void, StreamsError> =>
    Effect.suspend(() => {
      const { leaderEpoch, nextOffset, partition, sizeInBytes, topic } = chunk
      try {
        const cursor = () => new ChunkCursor(chunk)
        state.applyUnsafe(topic, partition, { cursor, leaderEpoch, nextOffset, sizeInBytes })
        return Effect.void
      } catch (cause) {
        return cause instanceof TaskError ? Effect.fail(processing(applicationId, cause)) : Effect.die(cause)
      }
    })
  const turn = Effect.gen(function*() {
    for (const chunk of yield* asking(consumer.poll(limits.streamsPollMs))) yield* apply(chunk)
  })
  const bootstrap = Effect.gen(function*() {
    yield* asking(consumer.assign(partitions))
    const ends = new Map<string, number>()
    for (const { offset, partition, topic } of yield* asking(consumer.endOffsets(partitions))) {
      ends.set(keyOf(topic, partition), offset)
    }
    const isBehind = (each: TopicPartition) =>
      (consumer.position(each) ?? 0) < (ends.get(keyOf(each.topic, each.partition)) ?? 0)
    while (partitions.some(isBehind) && !status.isStopping) yield* turn
  })
  return { bootstrap, follow: Effect.forever(turn) }
}
