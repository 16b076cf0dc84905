/**
 * What is to happen later, the soonest first; of two at the same time, the one that was asked for first.
 *
 * @since 0.1.0
 */

/**
 * Something that happens at a time, unless it is cancelled.
 *
 * @since 0.1.0
 */
export interface Timer {
  readonly atUs: number
  readonly sequence: number
  /** Undefined once it has run or was cancelled. */
  run: (() => void) | undefined
}

const isSooner = (left: Timer, right: Timer): boolean =>
  left.atUs < right.atUs || (left.atUs === right.atUs && left.sequence < right.sequence)

/**
 * A heap of timers.
 *
 * @since 0.1.0
 */
export class Timers {
  readonly #heap: Array<Timer> = []
  #sequence = 0

  add(atUs: number, run: () => void): Timer {
    const timer: Timer = { atUs, sequence: this.#sequence++, run }
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isSooner(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
    return timer
  }

  /** The soonest that was not cancelled. */
  peek(): Timer | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.run === undefined) this.#removeFirst()
    return this.#heap[0]
  }

  /** Takes the soonest away; `peek` comes first. */
  pop(): void {
    this.#removeFirst()
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && isSooner(heap[child + 1]!, heap[child]!)) child++
      if (!isSooner(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
