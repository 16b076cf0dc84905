/**
 * One event-sourced shard: it reads its log, decides requests one after the other, and answers what is committed.
 *
 * Keeps true: one fiber owns the state. Decisions are applied at once (speculatively) and answered once all that they
 * could have seen is committed. What the log refuses is taken back before the next decision; when the log may or may
 * not have kept something, everything is forgotten and read again. Every request ends: with an answer, or with a
 * `ShardError`.
 * Leaves to others: what is decided (`ShardMachine`, callers of `submit`), which shards there are (`ShardRuntime`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as limits from "../../limits.ts"
import type { TransactionVerification } from "../../replication/Partition.ts"
import type { Decision, Ticket, TimerCommand } from "./ShardDecision.ts"
import * as ShardError from "./ShardError.ts"
import * as ShardFlight from "./ShardFlight.ts"
import { type ShardLog, ShardLogError, type ShardMarker, type ShardProducer } from "./ShardLog.ts"
import type { ShardMachine } from "./ShardMachine.ts"
import { ShardTimers } from "./ShardTimers.ts"
import { UndoLog } from "./UndoLog.ts"

/**
 * Decides one request. To answer it, the decision (or a later one) completes the ticket.
 *
 * @since 0.1.0
 */
export type Decide<State, Event, Timer, Action, A> = (
  state: State,
  now: number,
  ticket: Ticket<A>
) => Decision<Event, Timer, Action>

/**
 * What a shard is made of. `perform` does an action once its decision is committed; it runs beside the shard and is
 * interrupted when the shard ends or starts anew.
 *
 * @since 0.1.0
 */
export interface ShardOptions<State, Event, Timer, Action> {
  readonly machine: ShardMachine<State, Event, Timer, Action>
  readonly partition: number
  readonly leaderEpoch: number
  readonly log: ShardLog
  readonly perform: (action: Action, shard: Shard<State, Event, Timer, Action>) => Effect.Effect<void>
}

/** What the shard makes anew when it reads its log again. */
interface Incarnation<State, Timer, Action> {
  readonly undo: UndoLog
  readonly timers: ShardTimers<Timer>
  readonly state: State
  /** Holds the fibers that wait for commits and perform actions. */
  readonly scope: Scope.Closeable
  /** Appended and not yet answered, oldest first. */
  readonly flights: Array<ShardFlight.ShardFlight<Action>>
  readonly actions: Array<Action>
  failure: ShardLogError | null
}

/**
 * A shard. It lives while `run` runs.
 *
 * @since 0.1.0
 */
export class Shard<State, Event, Timer, Action> {
  readonly partition: number
  readonly leaderEpoch: number
  private readonly options: ShardOptions<State, Event, Timer, Action>
  private readonly wakeUp = Latch.makeUnsafe(false)
  private status: "loading" | "active" | "closed" = "loading"
  private current: Incarnation<State, Timer, Action>
  private inbox: Array<ShardFlight.ShardRequest<State, Event, Timer, Action>> = []
  /** Requests without an answer yet, those in the inbox included, by ticket. */
  private readonly open = new Map<number, ShardFlight.ShardRequest<State, Event, Timer, Action>>()
  private nextId = 0
  /** Timers rest until then, after the log refused what one of them decided. */
  private timersRestUntil = 0
  /** How far the time that never jumps is ahead of the wall clock: timers wait by the former. */
  private steadyAheadMs = 0
  /** The same, when the log was read. */
  private loadedAheadMs = 0

  constructor(options: ShardOptions<State, Event, Timer, Action>) {
    this.options = options
    this.partition = options.partition
    this.leaderEpoch = options.leaderEpoch
    this.current = this.incarnate()
  }

  /**
   * Has a request decided and waits for its answer. With a producer, what is written is a transactional batch of its
   * own, which is refused if its transaction has ended since `verification` was given.
   */
  submit<A>(
    decide: Decide<State, Event, Timer, Action, A>,
    producer: ShardProducer | null = null,
    verification?: TransactionVerification
  ): Effect.Effect<A, ShardError.ShardError> {
    return this.enter<A>((ticket) => ({
      producer,
      verification,
      marker: null,
      decide: (state, now) => decide(state, now, ticket)
    }))
  }

  /** Asks `vouch` about a transaction that is not open in the log; the other requests do not wait for that. */
  verify(
    producer: ShardProducer,
    vouch: Effect.Effect<number>
  ): Effect.Effect<TransactionVerification, ShardError.ShardError> {
    return Effect.suspend(() => {
      if (this.status === "loading") return Effect.fail(ShardError.loading())
      if (this.status === "closed") return Effect.fail(ShardError.notOwner())
      return Effect.mapError(this.options.log.verify(producer, vouch), ShardError.ofLog)
    })
  }

  /** Writes the end of a transaction and waits until it is committed. */
  appendMarker(marker: ShardMarker): Effect.Effect<void, ShardError.ShardError> {
    return this.enter<void>((ticket) => ({
      producer: null,
      verification: undefined,
      marker,
      decide: () => ({
        events: [],
        completions: [{ ticketId: ticket.id, response: undefined, release: () => ticket.settle(undefined) }],
        timers: [],
        actions: []
      })
    }))
  }

  /** Reads the log, then serves, until it is interrupted; in the end all that waits is answered. */
  get run(): Effect.Effect<never> {
    return Effect.onExit(this.live(), () =>
      Effect.suspend(() => {
        this.status = "closed"
        this.failAll(ShardError.notOwner())
        return Scope.close(this.current.scope, Exit.void)
      }))
  }

  private enter<A>(
    make: (
      ticket: Ticket<A>
    ) => Omit<ShardFlight.ShardRequest<State, Event, Timer, Action>, "id" | "fail">
  ): Effect.Effect<A, ShardError.ShardError> {
    return Effect.suspend(() => {
      if (this.status === "loading") return Effect.fail(ShardError.loading())
      if (this.status === "closed") return Effect.fail(ShardError.notOwner())
      if (this.open.size >= limits.shardRequestsMax) return Effect.fail(ShardError.busy())
      const deferred = Deferred.makeUnsafe<A, ShardError.ShardError>()
      const ticket: Ticket<A> = {
        id: this.nextId++,
        settle: (response) => {
          Deferred.doneUnsafe(deferred, Effect.succeed(response))
        }
      }
      const request = {
        ...make(ticket),
        id: ticket.id,
        fail: (error: ShardError.ShardError) => {
          Deferred.doneUnsafe(deferred, Effect.fail(error))
        }
      }
      this.open.set(request.id, request)
      this.inbox.push(request)
      this.wakeUp.openUnsafe()
      return Deferred.await(deferred)
    })
  }

  private incarnate(): Incarnation<State, Timer, Action> {
    const undo = new UndoLog()
    return {
      undo,
      timers: new ShardTimers(undo),
      state: this.options.machine.empty(undo),
      scope: Scope.makeUnsafe(),
      flights: [],
      actions: [],
      failure: null
    }
  }

  private readonly live = Effect.fnUntraced(function*(this: Shard<State, Event, Timer, Action>) {
    for (;;) {
      if (this.status === "loading") yield* this.load()
      this.wakeUp.closeUnsafe()
      this.reap()
      const { actions, failure, flights, scope } = this.current
      for (const action of actions.splice(0)) yield* Effect.forkIn(this.options.perform(action, this), scope)
      if (failure !== null) yield* this.restart(failure)
      else if (flights.length >= limits.shardFlightsMax) yield* this.wakeUp.await
      else yield* this.work()
    }
  })

  /** What time it is, by the wall clock. */
  private readonly time = Clock.clockWith((clock) =>
    Effect.sync(() => {
      const now = clock.currentTimeMillisUnsafe()
      this.steadyAheadMs = MonotonicTime.millisUnsafe(clock) - now
      return now
    })
  )

  /** A timer as it is kept: a wall clock that is set to another time sets off none, and holds none back. */
  private steady({ key, set }: TimerCommand<Timer>): TimerCommand<Timer> {
    return { key, set: set === null ? null : { at: set.at + this.steadyAheadMs, timer: set.timer } }
  }

  private readonly work = Effect.fnUntraced(function*(this: Shard<State, Event, Timer, Action>) {
    const now = yield* this.time
    const timerAt = Math.max(this.current.timers.next(), this.timersRestUntil) - this.steadyAheadMs
    if (this.inbox.length > 0 || timerAt <= now) yield* this.step(now)
    else if (timerAt === Infinity) yield* this.wakeUp.await
    else yield* Effect.raceFirst(this.wakeUp.await, Effect.sleep(timerAt - now))
  })

  /**
   * Decides what waits: first the requests that are here, since one of them may be the sign of life that a timer waits for,
   * then the timers that are due; all of it is appended together as far as it may be.
   */
  private readonly step = Effect.fnUntraced(function*(this: Shard<State, Event, Timer, Action>, now: number) {
    // Whoever else is about to ask in this tick is decided with the rest.
    yield* Effect.yieldNow
    const { timers, undo } = this.current
    const steady = now + this.steadyAheadMs
    const requests = this.inbox.splice(0, limits.shardStepRequestsMax)
    let next = 0
    let timersLeft = limits.shardStepRequestsMax
    let flight: ShardFlight.ShardFlight<Action> | null = null
    // A failure meanwhile ends the step; whoever has not been decided by then is answered by the restart.
    while (this.current.failure === null) {
      const request = requests[next]
      const alone = request !== undefined && (request.producer !== null || request.marker !== null)
      if (flight !== null && (alone || flight.sizeBytes >= limits.shardBatchMaxBytes / 2)) {
        yield* this.append(flight, now)
        flight = null
        continue
      }
      const mark = undo.position
      const mayFire = request === undefined && this.timersRestUntil <= steady && timersLeft-- > 0
      const timer = mayFire ? timers.take(steady) : undefined
      if (request === undefined && timer === undefined) break
      if (request !== undefined) next++
      flight ??= ShardFlight.make<Action>(mark, request)
      this.decide(flight, timer, request, now)
      if (alone) {
        yield* this.append(flight, now)
        flight = null
      }
    }
    if (flight !== null) yield* this.append(flight, now)
  })

  private decide(
    flight: ShardFlight.ShardFlight<Action>,
    timer: Timer | undefined,
    request: ShardFlight.ShardRequest<State, Event, Timer, Action> | undefined,
    now: number
  ): void {
    const { state, undo } = this.current
    const mark = undo.position
    try {
      const decision = request === undefined
        ? this.options.machine.fired(state, timer!, now, Math.min(now, now + this.steadyAheadMs - this.loadedAheadMs))
        : request.decide(state, now)
      if (flight.marker !== null) this.options.machine.applyMarker(state, flight.marker)
      this.accept(flight, decision)
      if (request !== undefined) flight.requestIds.push(request.id)
    } catch (cause) {
      this.rollback(mark)
      if (request !== undefined) this.fail(request.id, ShardError.defect(cause))
    }
  }

  /** Applies a decision, and notes what is to be written and answered for it. */
  private accept(flight: ShardFlight.ShardFlight<Action>, decision: Decision<Event, Timer, Action>): void {
    const { machine } = this.options
    const { state, timers } = this.current
    const records = []
    for (const event of decision.events) {
      const record = machine.encode(event)
      if (record !== null) records.push(record)
      machine.apply(state, event, flight.producer)
    }
    for (const command of decision.timers) timers.command(this.steady(command))
    ShardFlight.add(flight, records, decision.splittable === true)
    flight.completions.push(...decision.completions)
    flight.actions.push(...decision.actions)
  }

  private readonly append = Effect.fnUntraced(function*(
    this: Shard<State, Event, Timer, Action>,
    flight: ShardFlight.ShardFlight<Action>,
    now: number
  ) {
    const { current } = this
    if (flight.records.length === 0 && flight.marker === null) {
      flight.committed = true
      current.flights.push(flight)
      return this.reap()
    }
    const exit = yield* Effect.exit(this.write(flight, now))
    if (Exit.isSuccess(exit)) {
      current.flights.push(flight)
      yield* Effect.forkIn(this.awaitCommitted(current, flight, exit.value), current.scope)
      return
    }
    const error = logErrorOf(exit.cause)
    if (error.outcome === "unknown") {
      current.failure = error
      return
    }
    this.rollback(flight.mark)
    this.timersRestUntil = now + this.steadyAheadMs + limits.shardRetryBackoffMs
    for (const id of flight.requestIds) this.fail(id, ShardError.ofLog(error))
  })

  /** Writes a flight, in as few batches as fit; after the first of them nothing can be taken back any more. */
  private readonly write = Effect.fnUntraced(function*(
    this: Shard<State, Event, Timer, Action>,
    flight: ShardFlight.ShardFlight<Action>,
    now: number
  ) {
    const { log } = this.options
    const { producer, verification } = flight
    if (flight.marker !== null) return yield* log.appendMarker(flight.marker)
    let end = -1
    for (const records of ShardFlight.batches(flight)) {
      const appended = log.append({ records, timestamp: now, producer, verification })
      end = yield* (end < 0 ? appended : Effect.mapError(appended, inDoubt))
    }
    return end
  })

  private awaitCommitted(
    incarnation: Incarnation<State, Timer, Action>,
    flight: ShardFlight.ShardFlight<Action>,
    end: number
  ): Effect.Effect<void> {
    return Effect.matchCause(this.options.log.awaitCommitted(end), {
      onSuccess: () => {
        flight.committed = true
        this.wakeUp.openUnsafe()
      },
      onFailure: (cause) => {
        incarnation.failure ??= inDoubt(logErrorOf(cause))
        this.wakeUp.openUnsafe()
      }
    })
  }

  /** Answers what is committed, in order. */
  private reap(): void {
    const { actions, flights, undo } = this.current
    while (flights.length > 0 && flights[0]!.committed) {
      const flight = flights.shift()!
      undo.forget(flights.length > 0 ? flights[0]!.mark : undo.position)
      if (flight.actions.length > 0) {
        actions.push(...flight.actions)
        this.wakeUp.openUnsafe()
      }
      for (const completion of flight.completions) {
        this.open.delete(completion.ticketId)
        completion.release()
      }
    }
  }

  private rollback(mark: number): void {
    this.current.undo.rollback(mark)
    this.current.timers.reindex()
  }

  private fail(id: number, error: ShardError.ShardError): void {
    const request = this.open.get(id)
    this.open.delete(id)
    request?.fail(error)
  }

  private failAll(error: ShardError.ShardError): void {
    this.inbox = []
    for (const id of [...this.open.keys()]) this.fail(id, error)
  }

  private readonly restart = Effect.fnUntraced(function*(
    this: Shard<State, Event, Timer, Action>,
    failure: ShardLogError
  ) {
    const { scope } = this.current
    this.status = "loading"
    this.current = this.incarnate()
    this.failAll(ShardError.ofLog(failure))
    yield* Scope.close(scope, Exit.void)
    yield* Effect.logWarning(`${this.name} reads its log again: ${failure.detail}`)
  })

  private get name(): string {
    return `${this.options.machine.name} shard ${this.partition}`
  }

  /** Reads the log until that succeeds, then lets the machine begin. */
  private readonly load = Effect.fnUntraced(function*(this: Shard<State, Event, Timer, Action>) {
    const { log, machine } = this.options
    for (
      let backoffMs = limits.shardRetryBackoffMs;;
      backoffMs = Math.min(2 * backoffMs, limits.shardRetryBackoffMaxMs)
    ) {
      const { state, undo } = this.current
      let skipped = 0
      undo.recording = false
      const exit = yield* Effect.exit(log.replay({
        record: (record, producer) => {
          const event = decodeOrSkip(machine, record)
          if (event === null) skipped++
          else machine.apply(state, event, producer)
        },
        marker: (marker) => machine.applyMarker(state, marker)
      }))
      undo.recording = true
      if (Exit.isSuccess(exit)) {
        if (skipped > 0) yield* Effect.logWarning(`${this.name} passed over ${skipped} records that it cannot read`)
        break
      }
      yield* Effect.logError(`${this.name} cannot read its log, and tries again: ${logErrorOf(exit.cause).detail}`)
      this.current = this.incarnate()
      yield* Effect.sleep(backoffMs)
    }
    this.status = "active"
    const now = yield* this.time
    this.loadedAheadMs = this.steadyAheadMs
    const flight = ShardFlight.make<Action>(this.current.undo.position, undefined)
    this.accept(flight, machine.loaded(this.current.state, now, this.leaderEpoch))
    yield* this.append(flight, now)
  })
}

const decodeOrSkip = <State, Event, Timer, Action>(
  machine: ShardMachine<State, Event, Timer, Action>,
  record: Parameters<typeof machine.decode>[0]
): Event | null => {
  try {
    return machine.decode(record)
  } catch {
    return null
  }
}

const inDoubt = (error: ShardLogError): ShardLogError =>
  new ShardLogError({ code: error.code, outcome: "unknown", detail: error.detail })

const logErrorOf = (cause: Cause.Cause<ShardLogError>): ShardLogError =>
  Option.getOrElse(Cause.findErrorOption(cause), () =>
    new ShardLogError({
      code: ErrorCode.UNKNOWN_SERVER_ERROR,
      outcome: "unknown",
      detail: String(Cause.squash(cause))
    }))
