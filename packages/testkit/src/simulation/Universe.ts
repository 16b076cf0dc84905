/**
 * The universe of a simulation: one scheduler for the fibers of all processes, one time, one seed.
 *
 * Keeps true: whatever happens, happens here, one thing after the other, and is decided by the seed alone; a fiber may
 * be stopped before any of its operations; work takes (virtual) time, so that what is due happens between two steps of
 * a busy process as well. What cannot end is found: nothing left to do is a deadlock, too many steps are a runaway.
 * Leaves to others: what processes are (`Process`), networks, disks, faults.
 *
 * @since 0.1.0
 */
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import { Seeded } from "./Seeded.ts"
import { Moments } from "./Moments.ts"
import { Sometimes } from "./Sometimes.ts"
import { type Timer, Timers } from "./Timers.ts"
import { Trace } from "./Trace.ts"

/**
 * How a universe is made.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly seed: number
  /** How many operations a fiber does before it is stopped, at most; the average is half of it. */
  readonly operationsMax: number
  /** The most steps before the run counts as a runaway. */
  readonly stepsMax: number
  /** The most virtual time, in microseconds. */
  readonly timeMaxUs: number
}

/**
 * How a run ended: as it was to end, with nothing left to do, or not at all.
 *
 * @since 0.1.0
 */
export type Ending = "done" | "deadlock" | "steps" | "time"

/** Work of one life of a process. */
interface Task {
  readonly life: Life
  readonly run: () => void
}

/** What a step costs, and what operations cost, in microseconds of virtual time. */
const stepCostUs = 1
const operationsPerUs = 4

/**
 * One life of a process, from its start to its crash: the scheduler of its fibers. What belongs to a life that has
 * ended is never run.
 *
 * @since 0.1.0
 */
export class Life implements Scheduler.Scheduler {
  readonly executionMode = "async"
  /** The process, as a number in the trace. */
  readonly number: number
  isAlive = true
  /** What was to be done while the process is paused. */
  parked: Array<Task> | undefined
  readonly #universe: Universe
  readonly #dispatcher: Scheduler.SchedulerDispatcher

  constructor(universe: Universe, number: number) {
    this.#universe = universe
    this.number = number
    this.#dispatcher = {
      scheduleTask: (task) => universe.schedule(this, task),
      flush: () => undefined
    }
  }

  /**
   * Never at the first operation after a fiber was woken: the runtime takes that for granted. An interruption that were
   * stopped there would be forgotten by a fiber that has not begun.
   */
  shouldYield({ currentOpCount }: Fiber.Fiber<unknown, unknown>): boolean {
    return this.#universe.isPreempted() && currentOpCount > 1
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this.#dispatcher
  }

  /** Never runs anything of this life again. */
  end(): void {
    this.isAlive = false
    this.parked = undefined
  }
}

/**
 * The universe.
 *
 * @since 0.1.0
 */
export class Universe {
  readonly options: Options
  readonly trace = new Trace()
  readonly sometimes = new Sometimes()
  readonly moments = new Moments()
  /** Virtual time since the beginning, in whole microseconds. */
  nowUs = 0
  steps = 0
  /** Operations of all fibers so far. */
  operations = 0
  readonly #ready: Array<Task> = []
  readonly #timers = new Timers()
  readonly #order: Seeded
  readonly #preemption: Seeded
  #untilPreempted = 0
  #lives = 0

  constructor(options: Options) {
    this.options = options
    this.#order = this.random("order")
    this.#preemption = this.random("preemption")
    this.#untilPreempted = this.#preemption.between(1, options.operationsMax)
    this.trace.number(options.seed)
  }

  /** The sequence of chance with this name. */
  random(name: string): Seeded {
    return new Seeded(`${this.options.seed}/${name}`)
  }

  newLife(): Life {
    return new Life(this, ++this.#lives)
  }

  /** Asked before each operation of each fiber. */
  isPreempted(): boolean {
    this.operations++
    if (--this.#untilPreempted > 0) return false
    this.#untilPreempted = this.#preemption.between(1, this.options.operationsMax)
    return true
  }

  /** Runs something of a process soon, in any order with what else is ready. */
  schedule(life: Life, run: () => void): void {
    if (life.isAlive) this.#ready.push({ life, run })
  }

  /** Runs something at its time, which no process can delay: what networks, disks and faults do. */
  after(delayUs: number, run: () => void): Timer {
    return this.#timers.add(this.nowUs + Math.max(0, Math.ceil(delayUs)), run)
  }

  /** Lets a process that was paused go on. */
  unpark(life: Life): void {
    const parked = life.parked ?? []
    life.parked = undefined
    for (const task of parked) this.#ready.push(task)
  }

  /** Goes on until `isDone` says so, or nothing can go on, or a limit is reached. */
  run(isDone: () => boolean): Ending {
    while (!isDone()) {
      if (this.steps >= this.options.stepsMax) return "steps"
      if (this.nowUs >= this.options.timeMaxUs) return "time"
      if (!this.#step()) return "deadlock"
    }
    return "done"
  }

  /** Does one thing: what is due, else a step of some fiber, else time passes. False if there is nothing. */
  #step(): boolean {
    const timer = this.#timers.peek()
    if (timer !== undefined && (timer.atUs <= this.nowUs || this.#ready.length === 0)) {
      this.#timers.pop()
      this.nowUs = Math.max(this.nowUs, timer.atUs)
      this.trace.number(this.nowUs)
      const run = timer.run!
      timer.run = undefined
      run()
      return true
    }
    if (this.#ready.length === 0) return false
    this.#runOne()
    return true
  }

  #runOne(): void {
    const ready = this.#ready
    const index = this.#order.below(ready.length)
    const task = ready[index]!
    const last = ready.pop()!
    if (index < ready.length) ready[index] = last
    const { life } = task
    if (!life.isAlive) return
    if (life.parked !== undefined) {
      life.parked.push(task)
      return
    }
    this.steps++
    const before = this.operations
    task.run()
    const operations = this.operations - before
    this.nowUs += stepCostUs + Math.floor(operations / operationsPerUs)
    this.trace.number(life.number)
    this.trace.number(operations)
  }
}
