/**
 * The timers of a shard: which are set, and which are due next.
 *
 * Keeps true: `timers` is the truth and is taken back with the rest of the state; the heap is only an index into it, may
 * name a timer too early, never too late.
 * Leaves to others: waiting (`Shard`), what a timer means (the shard's machine).
 *
 * @since 0.1.0
 */
import type { TimerCommand } from "./ShardDecision.ts"
import { type UndoLog, UndoMap } from "./UndoLog.ts"

interface Due<Timer> {
  readonly at: number
  readonly timer: Timer
}

interface Entry {
  readonly at: number
  readonly order: number
  readonly key: string
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/**
 * Timers by key. Timers due at the same time fire in the order in which they were set.
 *
 * @since 0.1.0
 */
export class ShardTimers<Timer> {
  readonly timers: UndoMap<string, Due<Timer>>
  private heap: Array<Entry> = []
  /** For each key the earliest time that the heap has it under. */
  private readonly indexed = new Map<string, number>()
  private order = 0

  constructor(undo: UndoLog) {
    this.timers = new UndoMap(undo)
  }

  /** Sets or takes away a timer. */
  command(command: TimerCommand<Timer>): void {
    if (command.set === null) this.timers.delete(command.key)
    else {
      this.timers.set(command.key, command.set)
      this.index(command.key, command.set.at)
    }
  }

  /** When the next timer may be due; infinity if none is set. */
  next(): number {
    this.settle()
    return this.heap.length === 0 ? Infinity : this.heap[0]!.at
  }

  /** Takes away the first timer that is due and gives it. */
  take(now: number): Timer | undefined {
    this.settle()
    const first = this.heap[0]
    if (first === undefined || first.at > now) return undefined
    const due = this.timers.get(first.key)!
    this.pop()
    this.timers.delete(first.key)
    return due.timer
  }

  /** Makes the index anew, after timers were taken back. */
  reindex(): void {
    this.heap = []
    this.indexed.clear()
    for (const [key, due] of this.timers) this.index(key, due.at)
  }

  private index(key: string, at: number): void {
    const known = this.indexed.get(key)
    if (known !== undefined && known <= at) return
    this.indexed.set(key, at)
    this.push({ at, order: this.order++, key })
  }

  /** Brings the top of the heap in line with what is set. */
  private settle(): void {
    while (this.heap.length > 0) {
      const first = this.heap[0]!
      const due = this.timers.get(first.key)
      if (due !== undefined && due.at === first.at) return
      this.pop()
      if (due !== undefined && due.at > first.at) this.index(first.key, due.at)
    }
  }

  private push(entry: Entry): void {
    const { heap } = this
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  private pop(): void {
    const { heap } = this
    const first = heap[0]!
    const last = heap.pop()!
    if (this.indexed.get(first.key) === first.at) this.indexed.delete(first.key)
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
