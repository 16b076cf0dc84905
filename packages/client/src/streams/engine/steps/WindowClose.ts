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
import type { FinalEmits, TaskMeasures } from "../metrics/TaskMeasures.ts"

/**
 * Tells how long aggregations and joins wait at least between two looks, what time it is, and what measures what is found.
 *
 * @since 0.1.0
 */
export interface Throttle {
  readonly intervalMs: number
  readonly joinIntervalMs: number
  readonly currentTimeMillis: () => number
  readonly measures: TaskMeasures
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
  private readonly emits: FinalEmits | undefined

  /** `store`: under whose name it is remembered; `node`: under whose it is measured. */
  constructor(throttle: Throttle, context: Context, store: string, node: string) {
    this.throttle = throttle
    this.memory = context.processorMetadata
    this.store = store
    this.emits = throttle.measures.finalEmitsAt(node)
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

  /** Gives the results of windows that have closed, as `find` finds them, to `forward`. */
  emit<A>(find: () => ReadonlyArray<A>, forward: (result: A) => void): void {
    const { emits, throttle: { currentTimeMillis } } = this
    const startMs = currentTimeMillis()
    const results = find()
    for (const result of results) forward(result)
    if (emits === undefined) return
    const nowMs = currentTimeMillis()
    emits.emitted.record(nowMs, results.length)
    emits.latency.record(nowMs, nowMs - startMs)
  }
}
