/**
 * What can go wrong with a log directory or a log as a whole.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * - `CorruptFile`: a file of Kafka's that is not what it should be and cannot be computed again.
 * - `WrongDirectory`: a log directory of another cluster or node.
 * - `UnsupportedFormat`: record batches older than magic 2.
 * - `DiskFailed`: what was recovered could not be made durable.
 *
 * @since 0.1.0
 */
export class StorageError extends Data.TaggedError("StorageError")<{
  readonly reason: "CorruptFile" | "WrongDirectory" | "UnsupportedFormat" | "DiskFailed"
  readonly path: string
  readonly detail: string
}> {
  override get message(): string {
    return `${this.detail} (${this.path})`
  }
}

/**
 * A file that is not what it should be.
 *
 * @since 0.1.0
 */
export const corruptFile = (path: string, detail: string): StorageError =>
  new StorageError({ reason: "CorruptFile", path, detail })
