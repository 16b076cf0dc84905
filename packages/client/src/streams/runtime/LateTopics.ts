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
import type { Output, Partitions } from "../engine/Flow.ts"

interface Waiting {
  readonly topic: string
  readonly partitions: Partitions | ((partitionCount: number) => Partitions)
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

const refused = (cause: unknown) =>
  new ProducerError({
    reason: "UnknownPartition",
    detail: `the partitioner of a sink has failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "correct the function that chooses partitions",
    cause
  })

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
    const wait = ({ key, value, ...rest }: Waiting) =>
      void this.waiting.push({
        ...rest,
        key: key === null ? null : key.slice(),
        value: value === null ? null : value.slice()
      })
    this.output = {
      partitionCount: (topic) => producer().partitionCount(topic),
      send: (topic, partition, key, value, timestamp, headers) => {
        try {
          return producer().appendUnsafe(topic, partition, timestamp, key, value, headers)
        } catch (cause) {
          if (!(cause instanceof ProducerError) || cause.reason !== "UnknownTopic") throw cause
        }
        wait({ topic, partitions: partition, key, value, timestamp, headers })
      },
      sendLate: (topic, partitions, key, value, timestamp, headers) =>
        wait({ topic, partitions, key, value, timestamp, headers })
    }
  }

  /** Makes the topics known and writes what has waited for them; fails if one does not exist. */
  readonly settle: Effect.Effect<void, ProducerError> = Effect.suspend(() => {
    if (this.waiting.length === 0) return Effect.void
    const waiting = this.waiting
    this.waiting = []
    return Effect.andThen(
      this.producer().prepare([...new Set(waiting.map(({ topic }) => topic))]),
      Effect.try({
        try: () => {
          for (const record of waiting) this.write(record)
        },
        catch: (cause) => cause instanceof ProducerError ? cause : refused(cause)
      })
    )
  })

  private write({ headers, key, partitions, timestamp, topic, value }: Waiting): void {
    const producer = this.producer()
    const chosen = typeof partitions === "function" ? partitions(producer.partitionCount(topic)) : partitions
    for (const partition of typeof chosen === "number" ? [chosen] : chosen) {
      producer.appendUnsafe(topic, partition, timestamp, key, value, headers)
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.waiting = []
  }
}
