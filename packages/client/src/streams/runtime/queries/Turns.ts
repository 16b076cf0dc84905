/**
 * Tells those who wait for stores to go on that a thread of the instance has had a turn.
 *
 * Keeps true: while nobody waits, a turn costs nothing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * The turns of an instance's threads.
 *
 * @since 0.1.0
 */
export class Turns {
  private waiting = new Set<() => void>()

  /** Tells that a turn has ended. */
  note(): void {
    if (this.waiting.size === 0) return
    const woken = this.waiting
    this.waiting = new Set()
    for (const wake of woken) wake()
  }

  /** Waits until a turn has ended, for at most so many milliseconds. */
  next(maxMs: number): Effect.Effect<void> {
    const turn = Effect.callback<void>((resume) => {
      const wake = () => resume(Effect.void)
      this.waiting.add(wake)
      return Effect.sync(() => void this.waiting.delete(wake))
    })
    return Effect.raceFirst(turn, Effect.sleep(Math.max(1, maxMs)))
  }
}
