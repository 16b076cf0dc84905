/**
 * The threads of work of an instance: those it begins with, those that are added and removed while it runs, and what becomes of
 * one that fails.
 *
 * Keeps true: one fiber opens all threads, and they end with it; a thread that fails is dealt with as the app's policy says, and
 * never silently; when one stops the instance, the others commit first; the caches of all threads together hold no more than the
 * app's settings say.
 * Leaves to others: what a thread does (`StreamThread`).
 *
 * @since 0.1.0
 */
import { Compression } from "@millrace/core/records/Compression"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as limits from "../../limits.ts"
import { StreamsError } from "./StreamsError.ts"
import * as StreamThread from "./StreamThread.ts"

/**
 * The threads of an instance.
 *
 * @since 0.1.0
 */
export interface StreamThreads {
  /** Those that there are now. */
  readonly all: () => ReadonlyArray<StreamThread.StreamThread>
  /** Runs until the instance is asked to stop, or a thread stops it. */
  readonly run: Effect.Effect<void, StreamsError>
  /** Starts another one; its name, undefined if the instance is ending. */
  readonly add: Effect.Effect<string | undefined, StreamsError>
  /** Lets one commit, leave the group and end; its name, undefined if there is none, or the instance is ending. */
  readonly remove: (timeoutMs: number) => Effect.Effect<string | undefined, StreamsError>
}

/** A thread, and the scope of what it holds. */
interface Opened {
  readonly thread: StreamThread.StreamThread
  readonly scope: Scope.Closeable
}

/** What the fiber of the threads is told. */
type Message =
  | { readonly _tag: "Add"; readonly answer: Deferred.Deferred<string | undefined, StreamsError> }
  | { readonly _tag: "Ended"; readonly index: number; readonly exit: Exit.Exit<void, StreamsError> }
  | { readonly _tag: "Stop" }

class Threads implements StreamThreads {
  private readonly shared: StreamThread.Shared
  private readonly messages: Queue.Queue<Message>
  private readonly scope: Scope.Scope
  private readonly codecs: Compression["Service"]
  private readonly threads = new Map<number, StreamThread.StreamThread>()
  /** Who waits for a thread that was asked to end, by the thread's number. */
  private readonly removals = new Map<number, Deferred.Deferred<void>>()
  private first: ReadonlyArray<Opened> = []
  private cacheMaxBytes = 0
  private adding: Deferred.Deferred<string | undefined, StreamsError> | undefined
  private isOver = false
  /** One is added or removed at a time. */
  private readonly changes = Semaphore.makeUnsafe(1)

  constructor(
    shared: StreamThread.Shared,
    messages: Queue.Queue<Message>,
    scope: Scope.Scope,
    codecs: Compression["Service"]
  ) {
    this.shared = shared
    this.messages = messages
    this.scope = scope
    this.codecs = codecs
    shared.state.onStop = () => void Queue.offerUnsafe(messages, { _tag: "Stop" })
  }

  readonly all = (): ReadonlyArray<StreamThread.StreamThread> => [...this.threads.values()]

  /** Opens those that it begins with. */
  openFirst(): Effect.Effect<void, StreamsError> {
    const { numStreamThreads } = this.shared.settings
    this.shareCache(numStreamThreads)
    const numbers = Array.from({ length: numStreamThreads }, (_, at) => at + 1)
    return Effect.map(Effect.forEach(numbers, (index) => this.open(index)), (opened) => void (this.first = opened))
  }

  /** Opens the thread of a number, which does nothing yet. */
  private open(index: number): Effect.Effect<Opened, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const scope = yield* Scope.fork(this.scope)
      const opening = StreamThread.make(this.shared, index, this.cacheMaxBytes).pipe(
        Effect.provideService(Compression, this.codecs),
        Scope.provide(scope)
      )
      const thread = yield* Effect.onError(opening, (cause) => Scope.close(scope, Exit.failCause(cause)))
      this.threads.set(index, thread)
      return { thread, scope }
    })
  }

  readonly run: StreamThreads["run"] = Effect.gen({ self: this }, function*() {
    const { first, messages, shared: { state } } = this
    let running = first.length
    let failure: Cause.Cause<StreamsError> | undefined
    for (const [at, opened] of first.entries()) yield* this.start(at + 1, opened)
    while (running > 0 || !state.isStopping) {
      const message = yield* Queue.take(messages)
      if (message._tag === "Add" && (yield* this.added(message.answer))) running++
      if (message._tag !== "Ended") continue
      running--
      if (Exit.isFailure(message.exit)) failure ??= message.exit.cause
      this.noteEnded(message.index)
    }
    if (failure !== undefined) return yield* Effect.failCause(failure)
  }).pipe(Effect.ensuring(Effect.sync(() => this.settle())))

  private start(index: number, opened: Opened): Effect.Effect<unknown> {
    return this.supervised(index, opened).pipe(
      Effect.onExit((exit) => Effect.sync(() => void Queue.offerUnsafe(this.messages, { _tag: "Ended", index, exit }))),
      Effect.forkChild
    )
  }

  /** Runs a thread, and what takes its place when it fails, until one ends the instance or is removed. */
  private supervised(index: number, opened: Opened): Effect.Effect<void, StreamsError> {
    const { settings, state } = this.shared
    return Effect.gen({ self: this }, function*() {
      let current: Opened | undefined = opened
      while (true) {
        const { scope, thread } = current ?? (yield* this.open(index))
        current = undefined
        const exit = yield* Effect.exit(thread.run)
        const failure = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
        if (failure !== undefined) state.failedThreads++
        const response = failure === undefined || state.isStopping || failure.reason === "ShutdownRequested"
          ? "shutdownClient"
          : settings.uncaughtExceptionHandler(failure)
        if (response === "shutdownApplication") yield* thread.requestShutdown
        yield* Scope.close(scope, exit)
        if (Exit.isSuccess(exit)) return
        if (response !== "replaceThread") return yield* Effect.failCause(exit.cause)
        if (this.removals.has(index)) return
        yield* Effect.logWarning(`${thread.name} is replaced: ${failure!.message}`)
        yield* Effect.sleep(limits.retryBackoffMaxMs)
        if (this.removals.has(index)) return
      }
    }).pipe(Effect.onError(() => Effect.sync(() => state.stop())))
  }

  readonly add: StreamThreads["add"] = Effect.suspend(() => {
    if (this.isOver || !this.shared.state.isOpen) return Effect.undefined
    const answer = Deferred.makeUnsafe<string | undefined, StreamsError>()
    this.adding = answer
    Queue.offerUnsafe(this.messages, { _tag: "Add", answer })
    return Deferred.await(answer)
  }).pipe(this.changes.withPermits(1))

  /** Starts a thread for who waits for `answer`; whether it is there. */
  private added(
    answer: Deferred.Deferred<string | undefined, StreamsError>
  ): Effect.Effect<boolean> {
    return Effect.gen({ self: this }, function*() {
      if (this.shared.state.isStopping) {
        Deferred.doneUnsafe(answer, Effect.undefined)
        return false
      }
      let index = 1
      while (this.threads.has(index)) index++
      this.shareCache(this.threads.size + 1)
      const exit = yield* Effect.exit(this.open(index))
      if (Exit.isFailure(exit)) {
        this.shareCache(this.threads.size)
        Deferred.doneUnsafe(answer, Effect.failCause(exit.cause))
        return false
      }
      yield* this.start(index, exit.value)
      Deferred.doneUnsafe(answer, Effect.succeed(exit.value.thread.name))
      return true
    })
  }

  readonly remove: StreamThreads["remove"] = (timeoutMs) =>
    Effect.suspend(() => {
      const found = [...this.threads].find(([index]) => !this.removals.has(index))
      if (found === undefined || this.isOver || !this.shared.state.isOpen) return Effect.undefined
      const [index, { consumer, name, status }] = found
      const gone = Deferred.makeUnsafe<void>()
      this.removals.set(index, gone)
      consumer.onClose("LEAVE_GROUP")
      status.stop()
      const late = Effect.fail(
        new StreamsError<never>({
          reason: "Timeout",
          applicationId: this.shared.settings.applicationId,
          detail: `${name} has not ended after ${timeoutMs} ms`,
          hint: "it ends as soon as it has committed: give it more time"
        })
      )
      return Effect.as(Effect.timeoutOrElse(Deferred.await(gone), { duration: timeoutMs, orElse: () => late }), name)
    }).pipe(this.changes.withPermits(1))

  private noteEnded(index: number): void {
    const gone = this.removals.get(index)
    if (gone === undefined) return
    this.removals.delete(index)
    this.threads.delete(index)
    this.shareCache(this.threads.size)
    Deferred.doneUnsafe(gone, Effect.void)
  }

  /** Lets nobody wait any more. */
  private settle(): void {
    this.isOver = true
    if (this.adding !== undefined) Deferred.doneUnsafe(this.adding, Effect.undefined)
    for (const gone of this.removals.values()) Deferred.doneUnsafe(gone, Effect.void)
  }

  /** Splits the cache among so many threads, as Kafka: global stores count as one. */
  private shareCache(threads: number): void {
    const { globals, settings } = this.shared
    const parts = threads + (globals.topics.length > 0 ? 1 : 0)
    this.cacheMaxBytes = Math.floor(settings.stateStoreCacheMaxBytes / Math.max(1, parts))
    for (const { cache } of this.threads.values()) if (cache !== undefined) cache.maxBytes = this.cacheMaxBytes
  }
}

/**
 * The threads of an instance, as many as its settings say, ready to run. What they hold belongs to the scope.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(shared: StreamThread.Shared) {
  const messages = yield* Queue.unbounded<Message>()
  const threads = new Threads(shared, messages, yield* Effect.scope, yield* Compression)
  yield* threads.openFirst()
  return threads satisfies StreamThreads as StreamThreads
})
