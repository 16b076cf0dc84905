/**
 * What is wrong with stored or received records.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Bytes that are not the records they claim to be.
 *
 * - `CorruptBatch`: the batch cannot be told apart or trusted: length, magic, checksum (Kafka: `CORRUPT_MESSAGE`).
 * - `InvalidRecord`: the batch is whole, its records are not (Kafka: `INVALID_RECORD`).
 *
 * @since 0.1.0
 */
export class RecordError extends Data.TaggedError("RecordError")<{
  readonly reason: "CorruptBatch" | "InvalidRecord"
  readonly detail: string
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * A batch that cannot be told apart or trusted.
 *
 * @since 0.1.0
 */
export const corruptBatch = (detail: string): RecordError => new RecordError({ reason: "CorruptBatch", detail })

/**
 * A whole batch with records that are not.
 *
 * @since 0.1.0
 */
export const invalidRecord = (detail: string): RecordError => new RecordError({ reason: "InvalidRecord", detail })
