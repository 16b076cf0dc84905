/**
 * What a driver is asked wrongly, or cannot do.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Why. `EffectWaits`: an effect of the topology, or its layer, does not finish synchronously.
 *
 * @since 0.1.0
 */
export class DriverError extends Data.TaggedError("DriverError")<{
  readonly reason: "UnknownTopic" | "UnknownStore" | "UnknownInstance" | "Failed" | "EffectWaits"
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}
