/**
 * Wakes one waiting fiber from synchronous code.
 *
 * Keeps true: a wake-up that comes while nobody waits is kept for the next wait; several count as one.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * A kept wake-up.
 *
 * @since 0.1.0
 */
export class Signal {
  #raised = false
  #waiter: ((effect: Effect.Effect<void>) => void) | undefined

  /** Wakes who waits, or the next who will. */
  raise(): void {
    const waiter = this.#waiter
    if (waiter === undefined) {
      this.#raised = true
      return
    }
    this.#waiter = undefined
    waiter(Effect.void)
  }

  /** Waits for a wake-up. One fiber at a time. */
  readonly wait: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.#raised) {
      this.#raised = false
      return resume(Effect.void)
    }
    this.#waiter = resume
    return Effect.sync(() => {
      if (this.#waiter === resume) this.#waiter = undefined
    })
  })

  /** Waits for a wake-up, for `ms` at most. A fraction counts as one: a shorter sleep may end before its time. */
  waitFor(ms: number): Effect.Effect<void> {
    return ms <= 0 ? Effect.void : Effect.raceFirst(this.wait, Effect.sleep(Math.max(1, ms)))
  }
}
