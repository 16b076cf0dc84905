/**
 * What an administrative request fails with, item by item.
 *
 * @since 0.1.0
 */
import type { KafkaError } from "@millrace/core/errors/KafkaError"
import * as Data from "effect/Data"

/**
 * Why one item (a topic, a partition, a group …) of a request was refused.
 *
 * @since 0.1.0
 */
export interface Refusal {
  readonly name: string
  readonly error: KafkaError
}

/**
 * Items of a request were refused; the others were carried out.
 *
 * @since 0.1.0
 */
export class AdminError extends Data.TaggedError("AdminError")<{
  readonly operation: string
  /** Never empty. */
  readonly refusals: ReadonlyArray<Refusal>
}> {
  override get message(): string {
    const { error, name } = this.refusals[0]!
    const others = this.refusals.length === 1 ? "" : ` (and ${this.refusals.length - 1} more)`
    return `${this.operation}: ${name}: ${error.message}${others}`
  }
}
