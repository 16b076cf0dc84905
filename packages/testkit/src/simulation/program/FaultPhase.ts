/**
 * The time in which faults happen in a run of a user's program, and its end.
 *
 * Keeps true: it begins with the first records that are sent, or soon, because what is set up before is not what is tested;
 * it ends when it has lasted as long as it may, or when the program says so, once.
 * Leaves to others: what faults do (`Fault.Faults`), which there are (`FaultKind`).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fault from "../Fault.ts"
import type { World } from "../World.ts"
import * as FaultKind from "./FaultKind.ts"

/**
 * Without records to send, faults begin after this time, in milliseconds.
 *
 * @since 0.1.0
 */
export const waitMaxMs = 5_000

/**
 * What a phase is made of.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly faults: ReadonlyArray<FaultKind.AnyFault>
  /** Where the user's own faults say what they do. */
  readonly kinds: ReadonlyArray<FaultKind.Kind>
  /** How long faults happen at most, in milliseconds. */
  readonly faultsForMs: number
}

/**
 * The phase of one run.
 *
 * @since 0.1.0
 */
export class FaultPhase {
  /** The faults with their times since the beginning of the run; none before the phase has begun. */
  happening: ReadonlyArray<FaultKind.AnyFault> = []
  readonly #world: World
  readonly #options: Options
  readonly #faults: Fault.Faults
  /** Who is never started by an operator. */
  readonly #outsider: string
  #startMs: number | undefined
  #isHealed = false

  constructor(world: World, options: Options, outsider: string) {
    this.#world = world
    this.#options = options
    this.#outsider = outsider
    this.#faults = new Fault.Faults(world.universe, world.network, world.processes)
    world.universe.after(waitMaxMs * 1000, () => this.begin())
  }

  /** When the last fault is over by itself, in milliseconds since the beginning of the run. */
  get endMs(): number {
    return Math.min((this.#startMs ?? 0) + this.#options.faultsForMs, FaultKind.endMs(this.happening))
  }

  /** Lets the faults happen from now on; once. */
  begin(): void {
    if (this.#startMs !== undefined) return
    const { universe } = this.#world
    const { faults, faultsForMs } = this.#options
    const startMs = Math.ceil(universe.nowUs / 1000)
    this.#startMs = startMs
    this.happening = faults.map((fault) => ({ ...fault, atMs: fault.atMs + startMs }))
    this.#faults.plan(this.happening.filter((fault) => fault.kind !== "custom"))
    for (const fault of this.happening) if (fault.kind === "custom") this.#planCustom(fault)
    universe.after(faultsForMs * 1000, () => this.heal())
  }

  #planCustom({ atMs, forMs, name }: FaultKind.CustomFault): void {
    const custom = this.#options.kinds.find((kind) => kind.name === name)?.custom
    if (custom === undefined) return
    const { universe } = this.#world
    universe.after(atMs * 1000 - universe.nowUs, () => {
      if (this.#isHealed) return
      universe.trace.event(universe.nowUs, `fault: ${name}`)
      Effect.runSync(custom.inject)
      universe.after(forMs * 1000, () => Effect.runSync(custom.heal))
    })
  }

  /** Ends all faults, and does what an operator does then: starts what is down, and anew what has a disk that has failed. */
  heal(): void {
    if (this.#isHealed) return
    this.#isHealed = true
    this.#faults.heal()
    const { faults, kinds } = this.#options
    for (const { custom } of kinds) if (custom !== undefined) Effect.runSync(custom.heal)
    for (const fault of faults) {
      if (fault.kind === "failSync" || fault.kind === "fullDisk") {
        this.#world.processes.get(fault.process)?.crash("kill")
      }
    }
    for (const process of this.#world.processes.values()) if (process.name !== this.#outsider) process.start()
  }
}
