/**
 * Output to topics that the producer does not know yet, because they were chosen for single records: it waits until they are
 * known.
 *
 * Keeps true: the records of a topic leave in the order in which they were sent; nothing is committed while something waits.
 * Leaves to others: topics that do not exist (the producer fails).
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Effect from "effect/Effect"
import type { ProducerCore } from "../../producer/ProducerCore.ts"
import { ProducerError } from "../../producer/ProducerError.ts"
import type { Output } from "../engine/Flow.ts"

interface Waiting {
  readonly topic: string
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * An output that makes records of unknown topics wait, and what lets them go.
 *
 * @since 0.1.0
 */
export class LateTopics {
  private readonly producer: () => ProducerCore
  private waiting: Array<Waiting> = []
  readonly output: Output

  constructor(producer: () => ProducerCore) {
    this.producer = producer
    this.output = {
      partitionCount: (topic) => producer().partitionCount(topic),
      send: (topic, partition, key, value, timestamp, headers) => {
        try {
          return producer().appendUnsafe(topic, partition, timestamp, key, value, headers)
        } catch (cause) {
          if (!(cause instanceof ProducerError) || cause.reason !== "UnknownTopic") throw cause
        }
        const owned = { key: key === null ? null : key.slice(), value: value === null ? null : value.slice() }
        this.waiting.push({ topic, partition, ...owned, timestamp, headers })
      }
    }
  }

  /** Makes the topics known and writes what has waited for them; fails if one does not exist. */
  readonly settle: Effect.Effect<void, ProducerError> = Effect.suspend(() => {
    if (this.waiting.length === 0) return Effect.void
    const waiting = this.waiting
    this.waiting = []
    return Effect.andThen(
      this.producer().prepare([...new Set(waiting.map(({ topic }) => topic))]),
      Effect.sync(() => {
        for (const { headers, key, partition, timestamp, topic, value } of waiting) {
          // the default partitioner goes by the whole key where the topic was not known when the record was sent
          this.producer().appendUnsafe(topic, partition, timestamp, key, value, headers)
        }
      })
    )
  })

  /** Forgets what waits. */
  clear(): void {
    this.waiting = []
  }
}
