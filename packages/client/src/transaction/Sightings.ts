/**
 * Whether a transaction has seen all that was taken into it.
 *
 * Keeps true: a batch counts as seen when the fiber that took it does something more in the transaction, or ends of itself.
 * A fiber that is interrupted before, by a race that it lost at that very moment, may not have handed the batch on, so its
 * offsets must not be committed. Nothing of this is left on fibers once the transaction has ended.
 * Leaves to others: what becomes of the transaction then (`Transaction.run`).
 *
 * @since 0.1.0
 */
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/**
 * The fibers of one transaction that have taken a batch and done nothing since.
 *
 * @since 0.1.0
 */
export class Sightings {
  readonly #body: AnyFiber
  /** How to stop watching each. */
  readonly #watched = new Map<AnyFiber, () => void>()
  #isMissing = false

  /** `body` is the fiber that runs the transaction: with it all of it is interrupted. */
  constructor(body: AnyFiber) {
    this.#body = body
  }

  /** Whether something was taken that may not have been seen. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** A fiber has taken a batch. */
  took(fiber: AnyFiber): void {
    if (fiber === this.#body || this.#watched.has(fiber)) return
    const stop = fiber.addObserver((exit) => {
      this.#watched.delete(fiber)
      if (Exit.hasInterrupts(exit)) this.#isMissing = true
    })
    this.#watched.set(fiber, stop)
  }

  /** A fiber goes on in the transaction. */
  goesOn(fiber: AnyFiber): void {
    this.#watched.get(fiber)?.()
    this.#watched.delete(fiber)
  }

  /** The transaction has ended. */
  end(): void {
    for (const stop of this.#watched.values()) stop()
    this.#watched.clear()
  }
}
