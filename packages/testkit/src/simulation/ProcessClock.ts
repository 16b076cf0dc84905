/**
 * The clock of one process: it may be wrong, and run fast or slow.
 *
 * Keeps true: sleeping takes as long as this clock says; the monotonic time never goes back, the wall clock may.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Life, Universe } from "./Universe.ts"

/**
 * When every universe begins: 2026-01-01T00:00:00Z, in milliseconds.
 *
 * @since 0.1.0
 */
export const epochMs = 1_767_225_600_000

/**
 * The clock of a process.
 *
 * @since 0.1.0
 */
export class ProcessClock {
  /** How far the wall clock is ahead, in milliseconds. */
  skewMs: number
  readonly #universe: Universe
  /** How much faster than the universe this clock runs when nothing is wrong with it: 1 is not at all. */
  readonly usualRate: number
  #rate: number
  /** When the rate was last changed: by the universe, and by this clock. */
  #changedUs = 0
  #changedLocalUs = 0

  constructor(universe: Universe, skewMs: number, rate: number) {
    this.#universe = universe
    this.skewMs = skewMs
    this.usualRate = rate
    this.#rate = rate
  }

  /** How much faster it runs now. */
  get rate(): number {
    return this.#rate
  }

  set rate(rate: number) {
    this.#changedLocalUs = this.#localUs()
    this.#changedUs = this.#universe.nowUs
    this.#rate = rate
  }

  #localUs(): number {
    return this.#changedLocalUs + Math.floor((this.#universe.nowUs - this.#changedUs) * this.#rate)
  }

  /** Runs something when this clock has gone on for so long; a clock that has become slower meanwhile takes longer. */
  #after(delayUs: number, timer: { cancel: () => void }, run: () => void): void {
    const dueUs = this.#localUs() + delayUs
    const universeTimer = this.#universe.after(delayUs / this.#rate, () => {
      const leftUs = dueUs - this.#localUs()
      if (leftUs > 0) this.#after(leftUs, timer, run)
      else run()
    })
    timer.cancel = () => {
      universeTimer.run = undefined
    }
  }

  /** This clock as the `Clock` of one life. */
  serviceOf(life: Life): Clock.Clock {
    const universe = this.#universe
    const nowMs = () => epochMs + this.skewMs + Math.floor(this.#localUs() / 1000)
    const wallNanos = () => BigInt(epochMs + this.skewMs) * 1_000_000n + BigInt(this.#localUs()) * 1000n
    const monotonicNanos = () => BigInt(this.#localUs()) * 1000n
    return {
      currentTimeMillisUnsafe: nowMs,
      currentTimeMillis: Effect.sync(nowMs),
      currentTimeNanosUnsafe: wallNanos,
      currentTimeNanos: Effect.sync(wallNanos),
      monotonicTimeNanosUnsafe: monotonicNanos,
      monotonicTimeNanos: Effect.sync(monotonicNanos),
      sleep: (duration) => {
        const millis = Duration.toMillis(duration)
        if (millis <= 0) return Effect.yieldNow
        if (!Number.isFinite(millis)) return Effect.never
        return Effect.callback<void>((resume) => {
          const timer = { cancel: () => {} }
          this.#after(millis * 1000, timer, () => universe.schedule(life, () => resume(Effect.void)))
          return Effect.sync(() => timer.cancel())
        })
      }
    }
  }
}
