/**
 * When a windowed aggregation that emits on the close of windows looks for closed ones.
 *
 * Keeps true: a range of closed windows is emitted once; it looks at most once per interval of wall-clock time, and only when
 * the time up to which windows are closed has moved on.
 * Leaves to others: which windows are in a range, and in what order (the stores).
 *
 * @since 0.1.0
 */

import type { Context } from "../Flow.ts"

/**
 * Tells how long to wait at least between two looks, and what time it is.
 *
 * @since 0.1.0
 */
export interface Throttle {
  readonly intervalMs: number
  readonly currentTimeMillis: () => number
}

/**
 * What an aggregation remembers of its last look.
 *
 * @since 0.1.0
 */
export class WindowClose {
  private nextLookAt = 0
  private readonly throttle: Throttle
  private readonly memory: Context["processorMetadata"]
  private readonly store: string

  /** `store`: under whose name it is remembered. */
  constructor(throttle: Throttle, context: Context, store: string) {
    this.throttle = throttle
    this.memory = context.processorMetadata
    this.store = store
  }

  /** The time up to which closed windows were emitted, before a restart, too; -1: none yet. */
  get last(): number {
    return this.memory.get(this.store) ?? -1
  }

  set last(closeTime: number) {
    this.memory.set(this.store, closeTime)
  }

  /** Whether to look for windows that have closed before `closeTime`. */
  isDue(closeTime: number): boolean {
    const now = this.throttle.currentTimeMillis()
    if (now < this.nextLookAt) return false
    this.nextLookAt = now + this.throttle.intervalMs
    return this.last === -1 || this.last < closeTime
  }
}
