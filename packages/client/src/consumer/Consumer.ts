/**
 * Reading typed records: as a stream of batches that carry their offsets, or of single records in large chunks.
 *
 * ```ts
 * yield* Consumer.batches(orders, { groupId: "billing" }).pipe(
 *   Stream.runForEach((batch) => Effect.andThen(bill(batch.records), batch.commitAsync))
 * )
 * ```
 *
 * Keeps true: the next records are fetched while the last are handled; a stream ends only with an error or with who
 * runs it. Offsets that were to be committed are committed before a partition is given up and before the stream ends.
 * Leaves to others: groups, positions and fetching (`ConsumerCore`).
 *
 * @since 0.1.0
 */
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import type * as Topic from "@millrace/core/streams/Topic"
import { isReadonlyArrayNonEmpty } from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cluster from "../cluster/Cluster.ts"
import type { TopicPartition } from "../cluster/TopicPartition.ts"
import { autoCommitIntervalMs, consumerPollMs } from "../limits.ts"
import type { Assignor } from "./assignor/Assignor.ts"
import type { ConsumerCore, OffsetAndMetadata, RebalanceListener } from "./ConsumerCore.ts"
import * as ConsumerEngine from "./ConsumerEngine.ts"
import { ConsumerError } from "./ConsumerError.ts"
import type * as ConsumerOptions from "./ConsumerOptions.ts"
import * as ConsumerRecord from "./ConsumerRecord.ts"
import { OffsetKeeper } from "./OffsetKeeper.ts"

/**
 * A record as it was read.
 *
 * @since 0.1.0
 */
export type { ConsumerRecord } from "./ConsumerRecord.ts"

/**
 * How a consumer works.
 *
 * @since 0.1.0
 */
export interface Options extends ConsumerOptions.Options {
  /** Which assignors this member offers to its group, the preferred first: by default range, cooperative-sticky. */
  readonly assignors?: ReadonlyArray<Assignor> | undefined
  /** Told of rebalances, and awaited. */
  readonly listener?: RebalanceListener | undefined
}

/**
 * How a stream of records works.
 *
 * @since 0.1.0
 */
export interface StreamOptions extends Options {
  /** Commit by itself what was handled, when the next batch is asked for: on for `stream`, off for `batches`. */
  readonly enableAutoCommit?: boolean | undefined
  readonly autoCommitInterval?: Duration.Input | undefined
  /** Read these partitions, without a group's say. */
  readonly partitions?: ReadonlyArray<number> | undefined
}

/**
 * Records of one partition, in order, with their offsets.
 *
 * @since 0.1.0
 */
export interface ConsumerBatch<out K, out V> {
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<ConsumerRecord.ConsumerRecord<K, V>>
  /** What committing this batch says: the offset of the next record. */
  readonly nextOffset: number
  /** Commits this batch and all before it of the partition, and waits for the answer. */
  readonly commit: Effect.Effect<void, ConsumerError>
  /** Commits soon, together with others; a failure that does not pass fails the stream. */
  readonly commitAsync: Effect.Effect<void>
}

/**
 * A consumer to be driven by hand: subscribe or assign, poll, seek, commit. Closing the scope leaves the group.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<ConsumerCore, never, Kafka | Network | Compression | Scope.Scope> {
  const cluster = yield* Cluster.current
  const { assignors, ...rest } = options
  return yield* ConsumerEngine.make(cluster, {
    ...rest,
    ...(assignors !== undefined && { assignors: assignors.map(ConsumerEngine.fromAssignor) })
  })
})

/**
 * The records of a chunk that a poll gave.
 *
 * @since 0.1.0
 */
export const decode = ConsumerRecord.decode

/** A consumer whose commits go through a keeper, which is heard before partitions are given up. */
const makeKept = Effect.fnUntraced(function*(options: StreamOptions) {
  const user = options.listener
  let keeper: OffsetKeeper | undefined
  const forget = (partitions: ReadonlyArray<TopicPartition>) => Effect.sync(() => keeper?.forget(partitions))
  const consumer = yield* make({
    ...options,
    listener: {
      onAssigned: (added) => user?.onAssigned?.(added) ?? Effect.void,
      onRevoked: (revoked) =>
        (user?.onRevoked?.(revoked) ?? Effect.void).pipe(
          Effect.andThen(Effect.suspend(() => keeper?.flushOf(revoked) ?? Effect.void)),
          Effect.andThen(forget(revoked))
        ),
      onLost: (lost) => Effect.andThen(forget(lost), user?.onLost?.(lost) ?? Effect.void)
    }
  })
  const kept = new OffsetKeeper(consumer.commit)
  keeper = kept
  if (options.groupId !== undefined) {
    yield* Effect.forkScoped(kept.run)
    yield* Effect.addFinalizer(() => kept.flush)
  }
  return { consumer, keeper: kept }
})

/**
 * The batches of a topic, as a member of the group `groupId`, or of the `partitions` named.
 *
 * @since 0.1.0
 */
export const batches = <K, V>(
  topic: Topic.Topic<K, V>,
  options: StreamOptions
): Stream.Stream<ConsumerBatch<K, V>, ConsumerError, Kafka | Network | Compression> =>
  Stream.unwrap(Effect.gen(function*() {
    const { consumer, keeper } = yield* makeKept(options)
    const isAutomatic = options.enableAutoCommit === true && options.groupId !== undefined
    if (isAutomatic) yield* Effect.forkScoped(keeper.every(intervalOf(options)))
    if (options.partitions === undefined) yield* consumer.subscribe([topic.name])
    else yield* consumer.assign(options.partitions.map((partition) => ({ topic: topic.name, partition })))
    let given: ReadonlyArray<OffsetAndMetadata> = []
    const next: Effect.Effect<ReadonlyArray<ConsumerBatch<K, V>>, ConsumerError> = Effect.gen(function*() {
      // Who asks for more has handled what was given before.
      if (isAutomatic) { for (const offset of given) keeper.note(offset, false) }
      given = []
      if (keeper.failure !== undefined) return yield* keeper.failure
      const chunks = yield* consumer.poll(consumerPollMs)
      const made: Array<ConsumerBatch<K, V>> = []
      for (const chunk of chunks) {
        const records = yield* ConsumerRecord.decode(topic, chunk)
        if (records.length > 0) made.push(batchOf(consumer, keeper, records, chunk))
      }
      given = chunks.map(({ leaderEpoch, nextOffset: offset, partition, topic }) => ({
        topic,
        partition,
        offset,
        leaderEpoch
      }))
      return made
    })
    return Stream.fromEffectRepeat(next).pipe(
      Stream.filter(isReadonlyArrayNonEmpty),
      Stream.flattenArray
    )
  }))

const intervalOf = (options: StreamOptions): number =>
  options.autoCommitInterval === undefined
    ? autoCommitIntervalMs
    : Duration.toMillis(Duration.fromInputUnsafe(options.autoCommitInterval))

const batchOf = <K, V>(
  consumer: ConsumerCore,
  keeper: OffsetKeeper,
  records: ReadonlyArray<ConsumerRecord.ConsumerRecord<K, V>>,
  chunk: {
    readonly topic: string
    readonly partition: number
    readonly nextOffset: number
    readonly leaderEpoch: number
  }
): ConsumerBatch<K, V> => {
  const { leaderEpoch, nextOffset, partition, topic } = chunk
  const offset = { topic, partition, offset: nextOffset, leaderEpoch }
  return {
    topic,
    partition,
    records,
    nextOffset,
    commit: consumer.commit([offset]),
    commitAsync: Effect.sync(() => keeper.note(offset, true))
  }
}

/**
 * The records of a topic one by one, in large chunks. Commits by itself what was handled, unless told otherwise.
 *
 * @since 0.1.0
 */
export const stream = <K, V>(
  topic: Topic.Topic<K, V>,
  options: StreamOptions
): Stream.Stream<ConsumerRecord.ConsumerRecord<K, V>, ConsumerError, Kafka | Network | Compression> =>
  batches(topic, { enableAutoCommit: true, ...options }).pipe(
    Stream.map((batch) => batch.records),
    Stream.filter(isReadonlyArrayNonEmpty),
    Stream.flattenArray
  )
