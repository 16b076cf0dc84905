/** A scheduler that stops a fiber between any two operations, and picks any that is ready to go on, as a seed decides. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scheduler from "effect/Scheduler"

/** Small and good enough: the next number of a sequence that the seed decides. */
const randomOf = (seed: number) => {
  let state = seed * 2654435761 + 1 >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

class Preempting implements Scheduler.Scheduler, Clock.Clock {
  readonly executionMode = "async"
  readonly ready: Array<() => void> = []
  readonly timers: Array<{ readonly at: number; readonly wake: () => void }> = []
  readonly random: () => number
  now = 0

  constructor(seed: number) {
    this.random = randomOf(seed)
  }

  shouldYield(): boolean {
    return this.random() < 0.2
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return { scheduleTask: (task) => void this.ready.push(task), flush: () => undefined }
  }

  currentTimeMillisUnsafe = () => this.now
  currentTimeMillis = Effect.sync(() => this.now)
  currentTimeNanosUnsafe = () => BigInt(this.now) * 1_000_000n
  currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  monotonicTimeNanosUnsafe = () => this.currentTimeNanosUnsafe()
  monotonicTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())

  sleep: Clock.Clock["sleep"] = (duration) =>
    Effect.callback<void>((resume) => {
      const millis = Number(duration.value._tag === "Millis" ? duration.value.millis : 0)
      const timer = { at: this.now + Math.max(1, millis), wake: () => resume(Effect.void) }
      this.timers.push(timer)
      return Effect.sync(() => void this.timers.splice(this.timers.indexOf(timer), 1))
    })

  /** Runs one task, any of those that are ready; if none is, time passes. False if nothing is left to do. */
  step(): boolean {
    const [task] = this.ready.splice(Math.floor(this.random() * this.ready.length), 1)
    if (task !== undefined) {
      task()
      return true
    }
    const next = this.timers.reduce((soonest, timer) => timer.at < soonest.at ? timer : soonest, {
      at: Number.POSITIVE_INFINITY,
      wake: (): void => undefined
    })
    if (next.at === Number.POSITIVE_INFINITY) return false
    this.timers.splice(this.timers.indexOf(next), 1)
    this.now = next.at
    next.wake()
    return true
  }
}

const stepsMax = 2_000_000

/** Runs a program to its end; the seed decides which fiber goes on after each operation. */
export const simulate = <A, E>(seed: number, program: Effect.Effect<A, E>): Exit.Exit<A, E> => {
  const scheduler = new Preempting(seed)
  const context = Context.make(Scheduler.Scheduler, scheduler).pipe(Context.add(Clock.Clock, scheduler))
  const fiber = Effect.runForkWith(context)(program)
  for (let steps = 0; steps < stepsMax; steps++) {
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return exit
    if (!scheduler.step()) throw new Error(`seed ${seed}: nothing can go on`)
  }
  throw new Error(`seed ${seed}: no end after ${stepsMax} steps`)
}
