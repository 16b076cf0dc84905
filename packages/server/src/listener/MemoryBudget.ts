/**
 * How many bytes of requests are in memory, over all connections of a broker.
 *
 * Keeps true: no more than `maxBytes` are taken at once, except that one taker may always have what it asks when nobody
 * else has anything, and but for what is taken without asking; who asked first is served first.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

interface Waiter {
  readonly bytes: number
  readonly resume: (effect: Effect.Effect<void>) => void
}

/**
 * A budget of bytes.
 *
 * @since 0.1.0
 */
export class MemoryBudget {
  readonly maxBytes: number
  #takenBytes = 0
  readonly #waiters: Array<Waiter> = []

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  /** Whether someone waits. */
  get isShort(): boolean {
    return this.#waiters.length > 0
  }

  #fits(bytes: number): boolean {
    return this.#takenBytes === 0 || this.#takenBytes + bytes <= this.maxBytes
  }

  /** Takes the bytes whether they are there or not. */
  takeAnyway(bytes: number): void {
    this.#takenBytes += bytes
  }

  /** Takes the bytes if they are there; the common case, without an Effect. */
  tryTake(bytes: number): boolean {
    if (this.#waiters.length > 0 || !this.#fits(bytes)) return false
    this.#takenBytes += bytes
    return true
  }

  /** Waits until the bytes are there, and takes them. */
  take(bytes: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.tryTake(bytes)) return resume(Effect.void)
      const waiter = { bytes, resume }
      this.#waiters.push(waiter)
      return Effect.sync(() => {
        const at = this.#waiters.indexOf(waiter)
        if (at < 0) return this.give(bytes)
        this.#waiters.splice(at, 1)
        // Those behind may fit now.
        this.give(0)
      })
    })
  }

  give(bytes: number): void {
    this.#takenBytes -= bytes
    while (this.#waiters.length > 0 && this.#fits(this.#waiters[0]!.bytes)) {
      const waiter = this.#waiters.shift()!
      this.#takenBytes += waiter.bytes
      waiter.resume(Effect.void)
    }
  }
}
