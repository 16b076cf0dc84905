/**
 * What a driver is asked wrongly, or cannot do.
 *
 * @since 0.1.0
 */
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import * as Data from "effect/Data"

/**
 * Why. `EffectWaits`: an effect of the topology, or its layer, does not finish synchronously.
 *
 * @since 0.1.0
 */
export class DriverError extends Data.TaggedError("DriverError")<{
  readonly reason: "UnknownTopic" | "UnknownStore" | "UnknownInstance" | "NoRecord" | "Failed" | "EffectWaits"
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}

/**
 * What to throw for what a task has thrown: what a driver says for itself comes as it is.
 *
 * @since 0.1.0
 */
export const causeOf = (cause: unknown): unknown =>
  cause instanceof TaskError && cause.cause instanceof DriverError ? cause.cause : cause

/**
 * A driver is used after it has failed.
 *
 * @since 0.1.0
 */
export const failedBefore = (cause: unknown): DriverError =>
  new DriverError({
    reason: "Failed",
    detail: "the topology has failed before",
    hint: "make a new driver",
    cause
  })

/**
 * A driver is asked for a store that is not among `names`, or of another kind.
 *
 * @since 0.1.0
 */
export const unknownStore = (name: string, kind: string, names: string): DriverError =>
  new DriverError({
    reason: "UnknownStore",
    detail: `there is no ${kind} store ${name}`,
    hint: names === "" ? "the topology has none" : `it has ${names}`
  })
