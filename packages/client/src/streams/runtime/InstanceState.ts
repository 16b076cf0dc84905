/**
 * What an instance is doing, as its threads say, and what it was asked to do.
 *
 * Keeps true: whoever watches hears of each change once, in order; an instance that has ended stays ended.
 * Leaves to others: acting (`StreamsLoop`, `Instance`).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { State, Status } from "./StreamsLoop.ts"

/**
 * The state of an instance.
 *
 * @since 0.1.0
 */
export class InstanceState {
  /** Set to ask all threads to commit and end. */
  isStopping = false
  /** Set to let no thread process records; they stay in the group and commit. */
  isPaused = false
  /** How many threads have failed. */
  failedThreads = 0
  /** Hears that all threads are to end. */
  onStop: () => void = () => {}
  private readonly threads = new Set<ThreadState>()
  private readonly listeners = new Set<(state: State) => void>()
  private end: "NOT_RUNNING" | "ERROR" | undefined
  private last: State = "CREATED"

  /** Kafka's name for what the instance is doing. */
  get current(): State {
    if (this.end !== undefined) return this.end
    if (this.isStopping) return "PENDING_SHUTDOWN"
    const states = [...this.threads].map((thread) => thread.state).filter((state) => state !== "PENDING_SHUTDOWN")
    // without threads nothing changes
    if (states.length === 0) return this.last
    if (states.every((state) => state === "CREATED")) return "CREATED"
    return states.every((state) => state === "RUNNING") ? "RUNNING" : "REBALANCING"
  }

  /** The state now, and each one after it. */
  readonly changes: Stream.Stream<State> = Stream.callback<State>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const listener = (state: State) => void Queue.offerUnsafe(queue, state)
        listener(this.current)
        this.listeners.add(listener)
        return listener
      }),
      (listener) => Effect.sync(() => void this.listeners.delete(listener))
    )
  )

  /** The state of a new thread. */
  addThread(): ThreadState {
    const thread = new ThreadState(this)
    this.threads.add(thread)
    return thread
  }

  /** Forgets the state of a thread that has ended. */
  removeThread(thread: ThreadState): void {
    this.threads.delete(thread)
    this.noteChange()
  }

  /** Whether threads may come and go. */
  get isOpen(): boolean {
    return this.end === undefined && !this.isStopping
  }

  /** Asks all threads to commit and end. */
  stop(): void {
    if (this.isStopping) return
    this.isStopping = true
    this.onStop()
    this.noteChange()
  }

  noteEnd(end: "NOT_RUNNING" | "ERROR"): void {
    this.end ??= end
    this.noteChange()
  }

  noteChange(): void {
    const { current } = this
    if (current === this.last) return
    this.last = current
    for (const listener of this.listeners) listener(current)
  }
}

/**
 * The state of one thread of an instance.
 *
 * @since 0.1.0
 */
export class ThreadState implements Status {
  /** Whether the thread runs no more: what its tasks have is not what they go on from elsewhere. */
  hasEnded = false
  private readonly instance: InstanceState
  private current: State = "CREATED"
  private isRemoved = false

  constructor(instance: InstanceState) {
    this.instance = instance
  }

  get state(): State {
    return this.current
  }

  set state(state: State) {
    if (state === this.current) return
    this.current = state
    this.instance.noteChange()
  }

  get isStopping(): boolean {
    return this.isRemoved || this.instance.isStopping
  }

  /** Asks this thread alone to commit and end. */
  stop(): void {
    this.isRemoved = true
  }

  get isPaused(): boolean {
    return this.instance.isPaused
  }
}
