/**
 * Items by time, the earliest first; between equal times the order is that of Java's `PriorityQueue`, which Kafka takes its
 * next queue and its next punctuation from.
 *
 * @since 0.1.0
 */

/**
 * A binary heap. An item's time may not change while it is in it.
 *
 * @since 0.1.0
 */
export class TimeHeap<A> {
  private readonly items: Array<A> = []
  private readonly timeOf: (item: A) => number

  constructor(timeOf: (item: A) => number) {
    this.timeOf = timeOf
  }

  get size(): number {
    return this.items.length
  }

  /** The earliest item, which stays. */
  get first(): A | undefined {
    return this.items[0]
  }

  /** Takes the earliest item out. */
  take(): A | undefined {
    const { items } = this
    const first = items[0]
    if (first === undefined) return undefined
    const last = items.pop()!
    if (items.length > 0) this.siftDown(last)
    return first
  }

  /** Puts an item in. */
  offer(item: A): void {
    const { items, timeOf } = this
    const time = timeOf(item)
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const other = items[parent]!
      if (time >= timeOf(other)) break
      items[at] = other
      at = parent
    }
    items[at] = item
  }

  private siftDown(item: A): void {
    const { items, timeOf } = this
    const time = timeOf(item)
    const half = items.length >>> 1
    let at = 0
    while (at < half) {
      let child = 2 * at + 1
      if (child + 1 < items.length && timeOf(items[child]!) > timeOf(items[child + 1]!)) child++
      const other = items[child]!
      if (time <= timeOf(other)) break
      items[at] = other
      at = child
    }
    items[at] = item
  }
}
