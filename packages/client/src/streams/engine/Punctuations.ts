/**
 * What a task's processors have scheduled, by stream time and by wall-clock time.
 *
 * Keeps true: a schedule that is due runs once, however many of its intervals have passed, and is due next at the first of
 * its times that lies ahead; one that was cancelled does not run; in a punctuation the record under way has the time of the
 * punctuation, and no topic and headers.
 * Leaves to others: when to look (the task).
 *
 * @since 0.1.0
 */
import type { PunctuationSchedule } from "@millrace/core/streams/ProcessorContext"
import type { ErrorHandling } from "./errors/ErrorHandling.ts"
import type { Context } from "./Flow.ts"
import type { TaskMeasures } from "./metrics/TaskMeasures.ts"
import { TimeHeap } from "./TimeHeap.ts"

interface Schedule {
  readonly node: string
  readonly intervalMs: number
  readonly punctuate: (timestamp: number) => void
  dueMs: number
  isCancelled: boolean
}

const dueMs = (schedule: Schedule): number => schedule.dueMs

/**
 * The schedules of one task.
 *
 * @since 0.1.0
 */
export class Punctuations {
  private readonly byStreamTime = new TimeHeap<Schedule>(dueMs)
  private readonly byWallClock = new TimeHeap<Schedule>(dueMs)
  private readonly context: Context
  private readonly errors: ErrorHandling
  private readonly currentTimeMillis: () => number
  private readonly measures: TaskMeasures

  constructor(
    context: Context,
    errors: ErrorHandling,
    currentTimeMillis: () => number,
    measures: TaskMeasures
  ) {
    this.context = context
    this.errors = errors
    this.currentTimeMillis = currentTimeMillis
    this.measures = measures
  }

  /** Adds a schedule of a node; returns how to cancel it. */
  schedule(
    node: string,
    intervalMs: number,
    type: PunctuationSchedule["type"],
    startMs: number | undefined,
    punctuate: (timestamp: number) => void
  ): () => void {
    const isStreamTime = type === "stream-time"
    const dueMs = isStreamTime ? startMs ?? 0 : this.firstDueMs(intervalMs, startMs)
    const schedule: Schedule = { node, intervalMs, punctuate, dueMs, isCancelled: false }
    const heap = isStreamTime ? this.byStreamTime : this.byWallClock
    heap.offer(schedule)
    return () => {
      schedule.isCancelled = true
    }
  }

  private firstDueMs(intervalMs: number, startMs: number | undefined): number {
    const now = this.currentTimeMillis()
    if (startMs === undefined) return now + intervalMs
    return startMs >= now ? startMs : startMs + Math.ceil((now - startMs) / intervalMs) * intervalMs
  }

  /** Whether the time of the stream has reached a schedule. */
  get isStreamTimeDue(): boolean {
    const { first } = this.byStreamTime
    return first !== undefined && this.context.streamTime >= 0 && first.dueMs <= this.context.streamTime
  }

  /** Whether the wall clock has reached a schedule. */
  get isWallClockDue(): boolean {
    const { first } = this.byWallClock
    return first !== undefined && first.dueMs <= this.currentTimeMillis()
  }

  /** Runs what is due by stream time. What it throws is the processor's. */
  punctuateStreamTimeUnsafe(): void {
    this.runUnsafe(this.byStreamTime, this.context.streamTime)
  }

  /** Runs what is due by the wall clock; how much was. What it throws is the processor's. */
  punctuateWallClockUnsafe(): number {
    return this.runUnsafe(this.byWallClock, this.currentTimeMillis())
  }

  private runUnsafe(heap: TimeHeap<Schedule>, nowMs: number): number {
    const { context, measures } = this
    let run = 0
    while (heap.first !== undefined && heap.first.dueMs <= nowMs) {
      const schedule = heap.take()!
      if (schedule.isCancelled) continue
      context.node = schedule.node
      context.topic = ""
      context.partition = -1
      context.offset = -1
      context.timestamp = nowMs
      context.headers = []
      context.rawKey = null
      context.rawValue = null
      try {
        run++
        measures.timed(measures.details?.punctuations, () => schedule.punctuate(nowMs))
      } catch (cause) {
        this.errors.failedUnsafe(schedule.node, undefined, nowMs, context.headers, cause)
      }
      // it may have cancelled itself
      if (schedule.isCancelled) continue
      schedule.dueMs += (Math.floor((nowMs - schedule.dueMs) / schedule.intervalMs) + 1) * schedule.intervalMs
      heap.offer(schedule)
    }
    return run
  }
}
