/**
 * Commits in the background: the latest offset of each partition, one request at a time.
 *
 * Keeps true: an offset never goes back; what a rebalance interrupts is tried again; offsets of partitions that belong
 * to somebody else now are dropped, with a warning.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { Signal } from "../cluster/Signal.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import { retryBackoffMaxMs } from "../limits.ts"
import type { ConsumerCore, OffsetAndMetadata } from "./ConsumerCore.ts"
import type { ConsumerError } from "./ConsumerError.ts"

/**
 * The offsets to be committed of one consumer.
 *
 * @since 0.1.0
 */
export class OffsetKeeper {
  readonly #commit: ConsumerCore["commit"]
  readonly #pending = new Map<string, OffsetAndMetadata>()
  readonly #signal = new Signal()
  readonly #permits = Semaphore.makeUnsafe(1)
  /** A commit that failed in a way that does not pass: the consumer fails with it. */
  failure: ConsumerError | undefined

  constructor(commit: ConsumerCore["commit"]) {
    this.#commit = commit
  }

  /** Notes an offset; `wake` sends it soon, otherwise the next flush does. */
  note(offset: OffsetAndMetadata, wake: boolean): void {
    const key = keyOf(offset.topic, offset.partition)
    const known = this.#pending.get(key)
    if (known === undefined || known.offset <= offset.offset) this.#pending.set(key, offset)
    if (wake) this.#signal.raise()
  }

  /** Sends what is noted, whenever there is something. To be forked. */
  readonly run: Effect.Effect<never> = Effect.forever(
    this.#signal.wait.pipe(
      Effect.andThen(Effect.yieldNow),
      Effect.andThen(Effect.suspend(() => this.flush))
    )
  )

  /** Sends what is noted every `ms` milliseconds. To be forked. */
  every(ms: number): Effect.Effect<never> {
    return Effect.forever(Effect.andThen(Effect.sleep(ms), Effect.suspend(() => this.flush)))
  }

  /** Sends what is noted, of these partitions or of all, and waits for the answer. Never fails: see `failure`. */
  readonly flush: Effect.Effect<void> = Effect.suspend(() => this.#send([...this.#pending.values()]))

  flushOf(partitions: ReadonlyArray<TopicPartition>): Effect.Effect<void> {
    return this.#send(partitions.flatMap((one) => this.#pending.get(keyOf(one.topic, one.partition)) ?? []))
  }

  /** Forgets partitions that went to another member. */
  forget(partitions: ReadonlyArray<TopicPartition>): void {
    for (const { partition, topic } of partitions) this.#pending.delete(keyOf(topic, partition))
  }

  #send(offsets: ReadonlyArray<OffsetAndMetadata>): Effect.Effect<void> {
    if (offsets.length === 0) return Effect.void
    return this.#permits.withPermits(1)(
      Effect.matchEffect(this.#commit(offsets), {
        onFailure: (error) => this.#failed(offsets, error),
        onSuccess: () => Effect.sync(() => this.#done(offsets))
      })
    )
  }

  #done(offsets: ReadonlyArray<OffsetAndMetadata>): void {
    for (const one of offsets) {
      const key = keyOf(one.topic, one.partition)
      if (this.#pending.get(key) === one) this.#pending.delete(key)
    }
  }

  #failed(offsets: ReadonlyArray<OffsetAndMetadata>, error: ConsumerError): Effect.Effect<void> {
    switch (error.reason) {
      case "RebalanceInProgress":
      case "Unavailable":
        return Effect.andThen(Effect.sleep(retryBackoffMaxMs), Effect.sync(() => this.#signal.raise()))
      case "CommitFailed":
        this.#done(offsets)
        return Effect.logWarning(`${offsets.length} offsets were not committed: ${error.message}`)
    }
    this.failure = error
    return Effect.void
  }
}
