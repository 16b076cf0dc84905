/**
 * The refusals and failures of one partition, as Kafka's error codes.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Why a partition refused or failed: `code` is Kafka's error code, as it goes to the client. `recordErrors` names
 * the records of a refused batch, where there is something to say about single ones.
 *
 * @since 0.1.0
 */
export class PartitionError extends Data.TaggedError("PartitionError")<{
  readonly code: number
  readonly message: string
  readonly recordErrors: ReadonlyArray<{ readonly batchIndex: number; readonly message: string | null }>
}> {}

/**
 * An error without single records.
 *
 * @since 0.1.0
 */
export const make = (code: number, message: string): PartitionError =>
  new PartitionError({ code, message, recordErrors: [] })
