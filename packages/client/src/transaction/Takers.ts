/**
 * The consumer of a transactional producer: what `take` takes, and what becomes of it.
 *
 * Keeps true: a batch that was taken is either committed with its transaction or given again, at once and in order;
 * batches of partitions that went to another member are dropped, not given twice. A transaction that took one of those
 * cannot be committed: the group gives its records again.
 *
 * @since 0.1.0
 */
import type { Compression } from "@millrace/core/records/Compression"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Cluster } from "../cluster/Cluster.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import type { ConsumerCore, GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"
import * as ConsumerEngine from "../consumer/ConsumerEngine.ts"
import type { ConsumerError } from "../consumer/ConsumerError.ts"
import type * as ConsumerOptions from "../consumer/ConsumerOptions.ts"
import * as ConsumerRecord from "../consumer/ConsumerRecord.ts"
import type { RecordChunk } from "../consumer/RecordChunk.ts"
import { takePollMs } from "../limits.ts"

/**
 * How the consumer of `take` works. It reads what is committed, and from the earliest record on, unless told otherwise.
 *
 * @since 0.1.0
 */
export type TakeOptions = ConsumerOptions.Options

/**
 * Records that were taken into a transaction, of one partition, in order.
 *
 * @since 0.1.0
 */
export interface TakenBatch<out K, out V> {
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<ConsumerRecord.ConsumerRecord<K, V>>
  /** The offset that the transaction commits. */
  readonly nextOffset: number
}

/** A chunk, and how often its partition had been assigned when it came. */
interface Held {
  readonly chunk: RecordChunk
  readonly assigned: number
}

/**
 * The batches of one transactional producer.
 *
 * @since 0.1.0
 */
export class Takers {
  readonly #consumer: ConsumerCore
  readonly #permits = Semaphore.makeUnsafe(1)
  readonly #topics = new Set<string>()
  readonly #assigned: Map<string, number>
  /** Fetched, not yet taken, by topic. */
  readonly #waiting = new Map<string, Array<Held>>()
  #taken: Array<Held> = []
  /** What was taken was given back since the last poll: the next has to say whether it is still this member's. */
  #hasGivenBack = false

  constructor(consumer: ConsumerCore, assigned: Map<string, number>) {
    this.#consumer = consumer
    this.#assigned = assigned
  }

  static readonly make = Effect.fnUntraced(function*(
    cluster: Cluster["Service"],
    options: TakeOptions
  ): Effect.fn.Return<Takers, never, Compression | Scope.Scope> {
    const assigned = new Map<string, number>()
    const forget = (partitions: ReadonlyArray<TopicPartition>) =>
      Effect.sync(() => {
        for (const { partition, topic } of partitions) {
          const key = keyOf(topic, partition)
          assigned.set(key, (assigned.get(key) ?? 0) + 1)
        }
      })
    const consumer = yield* ConsumerEngine.make(cluster, {
      autoOffsetReset: "earliest",
      isolationLevel: "read_committed",
      ...options,
      listener: { onRevoked: forget, onLost: forget }
    })
    return new Takers(consumer, assigned)
  })

  #isCurrent(held: Held): boolean {
    return held.assigned === this.#count(held.chunk)
  }

  #count({ partition, topic }: TopicPartition): number {
    return this.#assigned.get(keyOf(topic, partition)) ?? 0
  }

  /**
   * Takes the next batch; nothing (undefined) if meanwhile the transaction that takes it has ended. `onTaken` hears of it
   * at the very moment, whatever becomes of the fiber.
   */
  take<K, V>(
    topic: Topic.Topic<K, V>,
    isOpen: () => boolean,
    onTaken: () => void
  ): Effect.Effect<TakenBatch<K, V> | undefined, ConsumerError> {
    const next: Effect.Effect<TakenBatch<K, V> | undefined, ConsumerError> = Effect.suspend(() => {
      if (!isOpen()) return Effect.succeed(undefined)
      if (this.#hasGivenBack) return Effect.andThen(this.#fetch(topic.name, 0), next)
      const held = this.#first(topic.name)
      if (held === undefined) return Effect.andThen(this.#fetch(topic.name, takePollMs), next)
      return Effect.map(ConsumerRecord.decode(topic, held.chunk), (records) => {
        if (!isOpen() || this.#first(topic.name) !== held) return undefined
        this.#waiting.get(topic.name)!.shift()
        this.#taken.push(held)
        onTaken()
        const { nextOffset, partition } = held.chunk
        return { topic: topic.name, partition, records, nextOffset }
      })
    })
    return this.#permits.withPermits(1)(next)
  }

  /** The batch that comes next, where it stays until it is taken; none if one has to be fetched. */
  #first(topic: string): Held | undefined {
    const waiting = this.#waiting.get(topic) ?? []
    while (waiting.length > 0 && !this.#isCurrent(waiting[0]!)) waiting.shift()
    return waiting[0]
  }

  #fetch(topic: string, maxWaitMs: number): Effect.Effect<void, ConsumerError> {
    const subscribe = this.#topics.has(topic)
      ? Effect.void
      : Effect.suspend(() => this.#consumer.subscribe([...this.#topics.add(topic)]))
    return subscribe.pipe(
      Effect.andThen(Effect.suspend(() => {
        const held = this.#consumer.assignment().filter((one) => (this.#waiting.get(one.topic) ?? []).length > 0)
        this.#consumer.resume(this.#consumer.paused())
        this.#consumer.pause(held)
        this.#hasGivenBack = false
        return this.#consumer.poll(maxWaitMs, (chunks) => this.#keep(chunks))
      })),
      Effect.asVoid
    )
  }

  #keep(chunks: ReadonlyArray<RecordChunk>): void {
    for (const chunk of chunks) {
      if (chunk.batches.length === 0) continue
      const held = { chunk, assigned: this.#count(chunk) }
      const waiting = this.#waiting.get(chunk.topic)
      if (waiting === undefined) this.#waiting.set(chunk.topic, [held])
      else waiting.push(held)
    }
  }

  #putBack(held: Held): void {
    if (!this.#isCurrent(held)) return
    const waiting = this.#waiting.get(held.chunk.topic)
    if (waiting === undefined) this.#waiting.set(held.chunk.topic, [held])
    else waiting.unshift(held)
  }

  /** Whether all that the transaction has taken is still this member's. */
  get areTakenOwned(): boolean {
    return this.#taken.every((held) => this.#isCurrent(held)) &&
      (this.#taken.length === 0 || this.#consumer.groupMetadata().generationId >= 0)
  }

  /** What the transaction has taken, as offsets to commit. */
  offsets(): ReadonlyArray<OffsetAndMetadata> {
    const offsets = new Map<string, OffsetAndMetadata>()
    for (const { chunk: { leaderEpoch, nextOffset: offset, partition, topic } } of this.#taken) {
      offsets.set(keyOf(topic, partition), { topic, partition, offset, leaderEpoch })
    }
    return [...offsets.values()]
  }

  group(): GroupMetadata {
    return this.#consumer.groupMetadata()
  }

  committed(): void {
    this.#taken = []
  }

  giveBack(): void {
    this.#hasGivenBack = this.#hasGivenBack || this.#taken.length > 0
    for (const held of this.#taken.splice(0).reverse()) this.#putBack(held)
  }
}
