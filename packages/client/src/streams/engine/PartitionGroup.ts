/**
 * The queues of a task, and which of them goes next: the one whose first record is the oldest.
 *
 * Keeps true: the smallest head timestamp goes first; between equal ones the order is that of Kafka (a binary heap in which
 * a queue is put back after each of its records).
 * Leaves to others: waiting for partitions that have nothing (`readiness` says whether to).
 *
 * @since 0.1.0
 */
import type { RecordQueue } from "./RecordQueue.ts"
import { TimeHeap } from "./TimeHeap.ts"

/**
 * The partition group of one task.
 *
 * @since 0.1.0
 */
export class PartitionGroup {
  readonly queues: Array<RecordQueue>
  /** Queues with a head, by its timestamp. */
  private readonly heap = new TimeHeap<RecordQueue>((queue) => queue.headTimestamp)
  /** When a partition that is known to be at its end was first seen so, by index in `queues`; -1 while it has records. */
  private readonly idleSinceMs: Array<number>

  private readonly onEnforced: (() => void) | undefined

  /** `onEnforced` is called when the choice is trusted although partitions have been idle. */
  constructor(queues: ReadonlyArray<RecordQueue>, onEnforced?: () => void) {
    this.onEnforced = onEnforced
    this.queues = [...queues]
    this.idleSinceMs = queues.map(() => -1)
  }

  /** Takes another queue, which is empty. */
  add(queue: RecordQueue): void {
    this.queues.push(queue)
    this.idleSinceMs.push(-1)
  }

  /** Tells that a queue which had no head may have one now. */
  noteAdded(queue: RecordQueue, hadHead: boolean): void {
    if (!hadHead && queue.hasHead) this.heap.offer(queue)
  }

  /** The queue whose record is next; undefined if all are empty. It must be given back by `giveBack`. */
  take(): RecordQueue | undefined {
    return this.heap.take()
  }

  /** Puts a taken queue back, if it has another record. */
  giveBack(queue: RecordQueue): void {
    if (queue.hasHead) this.heap.offer(queue)
  }

  /** Since when records wait for partitions that have nothing (milliseconds of the clock of `isReady`); undefined: they do not. */
  get idleSince(): number | undefined {
    const since = this.idleSinceMs.filter((ms, i) => ms >= 0 && !this.queues[i]!.hasHead)
    return since.length === 0 || !this.hasRecords ? undefined : Math.min(...since)
  }

  /** Whether any queue has a record. */
  get hasRecords(): boolean {
    return this.heap.size > 0
  }

  /** Whether every queue has a record. */
  get isFull(): boolean {
    return this.heap.size === this.queues.length
  }

  /**
   * Whether the choice of the next record can be trusted: every partition has records, or is known to be at its end and has
   * been so for `idleMaxMs` (Kafka's `max.task.idle.ms`; negative: never wait).
   */
  isReady(nowMs: number, idleMaxMs: number): boolean {
    if (this.heap.size === 0) return false
    if (idleMaxMs < 0 || this.isFull) return true
    let isReady = true
    for (let i = 0; i < this.queues.length; i++) {
      const queue = this.queues[i]!
      if (queue.hasHead || queue.lag !== 0) {
        this.idleSinceMs[i] = -1
        if (!queue.hasHead) isReady = false
        continue
      }
      if (this.idleSinceMs[i]! < 0) this.idleSinceMs[i] = nowMs
      if (nowMs - this.idleSinceMs[i]! < idleMaxMs) isReady = false
    }
    if (isReady) this.onEnforced?.()
    return isReady
  }
}
