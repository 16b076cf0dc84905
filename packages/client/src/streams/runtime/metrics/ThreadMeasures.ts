/**
 * What is measured of a thread of work.
 *
 * Keeps true: a turn reads the clock a few times, whatever it processes; the shares of phases are of whole turns.
 * Leaves to others: what metrics are told of it (`ThreadMetrics`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Effect from "effect/Effect"
import { Sensor } from "../../engine/metrics/Sensor.ts"

/**
 * What a thread spends its time on.
 *
 * @since 0.1.0
 */
export type Phase = "poll" | "process" | "punctuate" | "commit" | "restore" | "update"

/** Phases in which the thread waits for the cluster. */
const blocking: ReadonlySet<Phase> = new Set<Phase>(["poll", "commit", "restore", "update"])

/** A sensor by its counter: what that has more is recorded. */
class Counted {
  readonly sensor = new Sensor()
  private seen = 0

  note(nowMs: number, count: number): void {
    if (count !== this.seen) this.sensor.record(nowMs, count - this.seen)
    this.seen = count
  }
}

/**
 * The measures of a thread; times are of the monotonic clock, latencies in milliseconds.
 *
 * @since 0.1.0
 */
export class ThreadMeasures {
  /** When the thread was made. */
  readonly startMs: number
  readonly poll = new Sensor()
  readonly pollRecords = new Sensor()
  readonly commit = new Sensor()
  readonly punctuate = new Sensor()
  readonly processLatency = new Sensor()
  /** Of each turn: how many records. */
  readonly processRecords = new Sensor()
  readonly restoreCalls = new Sensor()
  /** How long the thread has waited for the cluster. */
  blockedNs = 0
  private readonly created = new Counted()
  private readonly closed = new Counted()
  private readonly turns = new Sensor()
  private readonly phases = new Map<Phase, { turnNs: number; readonly sensor: Sensor }>()
  private turnStartNs: number

  constructor(startMs: number) {
    this.startMs = startMs
    this.turnStartNs = startMs * MonotonicTime.nanosPerMilli
  }

  get tasksCreated(): Sensor {
    return this.created.sensor
  }

  get tasksClosed(): Sensor {
    return this.closed.sensor
  }

  /** Adds to a phase of the turn. */
  spend(phase: Phase, durationNs: number): void {
    const { turnNs } = this.phaseOf(phase)
    this.phaseOf(phase).turnNs = turnNs + durationNs
    if (blocking.has(phase)) this.blockedNs += durationNs
  }

  /** An effect that is a phase; `onEnd` is given when it has succeeded and how long it took, in milliseconds. */
  timed<A, E>(
    phase: Phase,
    effect: Effect.Effect<A, E>,
    onEnd: (nowMs: number, latencyMs: number, result: A) => void
  ): Effect.Effect<A, E> {
    return Effect.gen({ self: this }, function*() {
      const startNs = yield* MonotonicTime.nanos
      const result = yield* effect
      const endNs = yield* MonotonicTime.nanos
      this.spend(phase, endNs - startNs)
      onEnd(endNs / MonotonicTime.nanosPerMilli, (endNs - startNs) / MonotonicTime.nanosPerMilli, result)
      return result
    })
  }

  /** Notes what a turn has processed and punctuated, and how long each took. */
  noteProcessed(nowNs: number, records: number, durationNs: number): void {
    const nowMs = nowNs / MonotonicTime.nanosPerMilli
    this.spend("process", durationNs)
    this.processRecords.record(nowMs, records)
    if (records > 0) this.processLatency.record(nowMs, durationNs / MonotonicTime.nanosPerMilli / records)
  }

  /** Notes punctuations by the wall clock, and how long they took. */
  notePunctuated(nowNs: number, punctuations: number, durationNs: number): void {
    this.spend("punctuate", durationNs)
    if (punctuations > 0) {
      this.punctuate.record(
        nowNs / MonotonicTime.nanosPerMilli,
        durationNs / MonotonicTime.nanosPerMilli / punctuations
      )
    }
  }

  /** A turn has ended, with so many tasks made and closed so far. */
  endTurn(nowNs: number, created: number, closed: number): void {
    const nowMs = nowNs / MonotonicTime.nanosPerMilli
    this.turns.record(nowMs, nowNs - this.turnStartNs)
    this.turnStartNs = nowNs
    for (const phase of this.phases.values()) {
      phase.sensor.record(nowMs, phase.turnNs)
      phase.turnNs = 0
    }
    this.noteTasks(nowMs, created, closed)
  }

  /** Notes how many tasks were made and closed so far. */
  noteTasks(nowMs: number, created: number, closed: number): void {
    this.created.note(nowMs, created)
    this.closed.note(nowMs, closed)
  }

  /** The share of a phase in all time. */
  ratio(phase: Phase, nowMs: number): number {
    return this.phaseOf(phase).sensor.sumRate(nowMs) / this.turns.sumRate(nowMs)
  }

  private phaseOf(phase: Phase): { turnNs: number; readonly sensor: Sensor } {
    const known = this.phases.get(phase)
    if (known !== undefined) return known
    const made = { turnNs: 0, sensor: new Sensor() }
    this.phases.set(phase, made)
    return made
  }
}
