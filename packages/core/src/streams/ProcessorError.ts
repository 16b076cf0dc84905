/**
 * What a processor asks wrongly of its context or of a store.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * A wrong question of a processor.
 *
 * - `UnknownStore`: a store that it does not name among its stores
 * - `WrongStore`: a store that is of another kind than its handle says
 * - `UnknownChild`: a child that is not below it
 * - `NullKey`: a store was asked for the key null
 * - `InvalidArgument`: a time or an interval that cannot be
 * - `NotAllowed`: something that a processor of a global store, or a reader of one, may not do
 *
 * @since 0.1.0
 */
export class ProcessorError extends Data.TaggedError("ProcessorError")<{
  readonly reason: "UnknownStore" | "WrongStore" | "UnknownChild" | "NullKey" | "InvalidArgument" | "NotAllowed"
  readonly processor: string
  readonly detail: string
  readonly hint: string
}> {
  override get message(): string {
    return `${this.processor}: ${this.detail}; ${this.hint}`
  }
}
