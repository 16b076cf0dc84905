/**
 * A queue that gives the least first. Of equal ones it gives what `java.util.PriorityQueue` gives, so that assignments come
 * out as Kafka's do: a binary heap, sifted in the same way.
 *
 * Leaves to others: keeping what is inside in order; whoever changes an element takes it out first.
 *
 * @since 0.1.0
 */
export class PriorityQueue<A> {
  private readonly heap: Array<A> = []
  private readonly compare: (a: A, b: A) => number

  constructor(compare: (a: A, b: A) => number) {
    this.compare = compare
  }

  /** A queue of elements, added one after the other. */
  static of<A>(elements: Iterable<A>, compare: (a: A, b: A) => number): PriorityQueue<A> {
    const queue = new PriorityQueue(compare)
    for (const each of elements) queue.add(each)
    return queue
  }

  add(element: A): void {
    let at = this.heap.length
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (this.compare(element, this.heap[parent]!) >= 0) break
      this.heap[at] = this.heap[parent]!
      at = parent
    }
    this.heap[at] = element
  }

  /** Takes out the least; undefined if there is nothing. */
  poll(): A | undefined {
    const least = this.heap[0]
    const last = this.heap.pop()
    if (last === undefined || this.heap.length === 0) return least
    const half = this.heap.length >>> 1
    let at = 0
    while (at < half) {
      const left = 2 * at + 1
      const right = left + 1
      const isRight = right < this.heap.length && this.compare(this.heap[left]!, this.heap[right]!) > 0
      const child = isRight ? right : left
      if (this.compare(last, this.heap[child]!) <= 0) break
      this.heap[at] = this.heap[child]!
      at = child
    }
    this.heap[at] = last
    return least
  }
}
