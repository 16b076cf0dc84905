/**
 * How producing fails.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

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
