/**
 * How producing fails.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { keyOf } from "../cluster/TopicPartition.ts"

/**
 * Why a record was not written, or why the producer cannot go on.
 *
 * - `TooLarge`: the record or its batch is larger than allowed; it alone fails.
 * - `DeliveryTimeout`: not acknowledged within `deliveryTimeout`; it may have been written.
 * - `NoRoom`: the buffer stayed full for `maxBlock`.
 * - `UnknownTopic`, `UnknownPartition`: there is no such place.
 * - `Unserializable`: a serde refused the record.
 * - `Refused`: the broker refused the batch in a way that does not pass.
 * - `Fenced`: a newer producer has taken over this transactional id; stop.
 * - `SequenceLost`: acknowledged records are missing at the broker, a gap cannot be closed, or the broker has forgotten what it
 *   may have written.
 * - `Aborted`: dropped because its transaction was aborted.
 * - `Unavailable`: the cluster did not answer in time.
 * - `Closed`: the producer has been closed.
 *
 * @since 0.1.0
 */
export class ProducerError extends Data.TaggedError("ProducerError")<{
  readonly reason:
    | "TooLarge"
    | "DeliveryTimeout"
    | "NoRoom"
    | "UnknownTopic"
    | "UnknownPartition"
    | "Unserializable"
    | "Refused"
    | "Fenced"
    | "SequenceLost"
    | "Aborted"
    | "Unavailable"
    | "Closed"
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}

/**
 * A topic that has no such partition.
 *
 * @since 0.1.0
 */
export const unknownPartition = (topic: string, partition: number, count: number): ProducerError =>
  new ProducerError({
    reason: "UnknownPartition",
    detail: `topic ${topic} has no partition ${partition}, only ${count}`,
    hint: "leave the partition to the partitioner, or add partitions"
  })

/**
 * Nobody sends any more.
 *
 * @since 0.1.0
 */
export const broken = (cause: unknown): ProducerError =>
  new ProducerError({
    reason: "Closed",
    detail: "the producer is broken",
    hint: "this is a defect: report it, and make a new producer",
    cause
  })

/**
 * What is not taken, now or later.
 *
 * @since 0.1.0
 */
export const refused = (detail: string, cause: Error, reason: ProducerError["reason"] = "Refused"): ProducerError =>
  new ProducerError({ reason, detail: `${detail}: ${cause.message}`, hint: "this does not pass by itself", cause })

/**
 * Another producer has the identity now.
 *
 * @since 0.1.0
 */
export const fenced = (cause: Error): ProducerError =>
  new ProducerError({
    reason: "Fenced",
    detail: `the producer's epoch is old: ${cause.message}`,
    hint: "another producer has taken over; stop this one",
    cause
  })

/**
 * A batch that came to no end in time.
 *
 * @since 0.1.0
 */
export const expired = (
  { attempts, queue, recordsCount }: {
    readonly attempts: number
    readonly queue: { readonly topic: string; readonly partition: number }
    readonly recordsCount: number
  },
  timeoutMs: number
): ProducerError =>
  new ProducerError({
    reason: "DeliveryTimeout",
    detail: `${recordsCount} records for ${
      keyOf(queue.topic, queue.partition)
    } were not acknowledged in ${timeoutMs} ms`,
    hint: attempts > 0 ? "they may have been written" : "they were never sent; is there a leader?"
  })
