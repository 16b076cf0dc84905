/**
 * What a simulation is asked wrongly, or cannot do.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Why no simulation ran.
 *
 * - `Unsupported`: not there yet, such as a cluster of several brokers.
 * - `Options`: a number or a name that is none.
 * - `Generation`: no records, or too many, came of what was to give them.
 * - `NeverReached`: no run got where the program says that some should.
 * - `Replay`: a token that cannot be read, or belongs to another program.
 *
 * @since 0.1.0
 */
export class SimulationError extends Data.TaggedError("SimulationError")<{
  readonly reason: "Unsupported" | "Options" | "Generation" | "Replay" | "NeverReached"
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}
