/**
 * The one loop of an app's instance: poll, restore, process, commit, again.
 *
 * Keeps true: whatever can fail ends the loop with a `StreamsError`; tasks are committed before they are given up, and
 * thrown away uncommitted when they are gone already; asked to stop, the loop commits, closes its tasks and ends.
 * Leaves to others: connections and producers (their scopes), what processing means (the engine), how tasks come and go
 * (`TaskHandover`), which copies are kept (`Standbys`).
 *
 * @since 0.1.0
 */
import type { StoreEngineError } from "@millrace/core/platform/StoreEngine"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore, RebalanceListener } from "../../consumer/ConsumerCore.ts"
import type { ConsumerError } from "../../consumer/ConsumerError.ts"
import type { ResetPolicy } from "../../consumer/ConsumerOptions.ts"
import type { RecordChunk } from "../../consumer/RecordChunk.ts"
import * as limits from "../../limits.ts"
import { ProducerError } from "../../producer/ProducerError.ts"
import { TaskError } from "../engine/TaskError.ts"
import type { Delivery } from "./Delivery.ts"
import type { EffectFibers } from "./EffectFibers.ts"
import type { GroupPlan } from "./GroupPlan.ts"
import type { LocalState } from "./LocalState.ts"
import type { ThreadMeasures } from "./metrics/ThreadMeasures.ts"
import type { Turns } from "./queries/Turns.ts"
import type { RepartitionPurge } from "./RepartitionPurge.ts"
import type { Restorer } from "./Restorer.ts"
import { Standbys } from "./Standbys.ts"
import { consuming, processing, stateFailed, StreamsError } from "./StreamsError.ts"
import { TaskHandover } from "./TaskHandover.ts"
import type { TaskManager } from "./TaskManager.ts"

/**
 * What the state of an instance is called: Kafka's names.
 *
 * @since 0.1.0
 */
export type State = "CREATED" | "REBALANCING" | "RUNNING" | "PENDING_SHUTDOWN" | "NOT_RUNNING" | "ERROR"

/**
 * What the loop shares with those who watch it.
 *
 * @since 0.1.0
 */
export interface Status {
  state: State
  /** Whether the loop is asked to commit and end. */
  readonly isStopping: boolean
  /** Whether no records are to be processed for now. */
  readonly isPaused: boolean
}

/**
 * What the loop is made of. `commitIntervalMs`: the time between commits.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly applicationId: string
  readonly status: Status
  readonly tasks: TaskManager
  readonly delivery: Delivery
  readonly plan: GroupPlan
  readonly restorer: Restorer
  readonly purge: Pick<RepartitionPurge, "begin" | "afterCommit">
  /** Told when a turn has ended. */
  readonly turns: Pick<Turns, "note">
  readonly measures: ThreadMeasures
  /** The stores on disk, if there are any. */
  readonly local?: LocalState | undefined
  readonly effects: Pick<EffectFibers, "progress" | "ended">
  /** How long a commit waits for effects before the app stops, in milliseconds. */
  readonly effectsWaitMaxMs: number
  /** Where a partition of this topic begins that has no committed offset. */
  readonly offsetResetOf: (topic: string) => ResetPolicy
  readonly commitIntervalMs: number
  readonly pollMs: number
}

/**
 * The loop, to be given its consumer, which is made with `listener`.
 *
 * @since 0.1.0
 */
export interface StreamsLoop {
  readonly listener: RebalanceListener<StreamsError>
  /** Runs until it is asked to stop, or fails. */
  readonly run: (consumer: ConsumerCore<StreamsError>) => Effect.Effect<void, StreamsError>
  /** After a failure: gives up all tasks, so that nothing of them is committed any more. */
  readonly abandon: () => void
}

/**
 * Makes the loop.
 *
 * @since 0.1.0
 */
export const make = (parts: Parts): StreamsLoop => {
  const loop = new Loop(parts)
  return {
    listener: {
      onAssigned: (added) => loop.onAssigned(added),
      onRevoked: (revoked) => loop.onRevoked(revoked),
      onLost: (lost) => loop.onLost(lost)
    },
    run: (consumer) => Effect.suspend(() => loop.start(consumer)),
    abandon: () => loop.abandon()
  }
}

class Loop {
  private readonly parts: Parts
  private readonly handover: TaskHandover
  private readonly standbys: Standbys
  private consumer: ConsumerCore<StreamsError> | undefined
  private committedAtMs = 0
  /** When stores were written to disk. */
  private keptAtMs = 0
  /** Whether records were processed, and perhaps output written, since the last commit. */
  private isDirty = false
  /** Whether tasks had records and took none: they wait to know what the other partitions have. */
  private isIdling = false
  /** The work since the last commit is lost: throw it away before anything else. */
  private isLost = false

  constructor(parts: Parts) {
    this.parts = parts
    this.handover = new TaskHandover(parts)
    this.standbys = new Standbys(parts)
  }

  start(consumer: ConsumerCore<StreamsError>): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { measures, purge, status, tasks } = this.parts
      this.consumer = consumer
      status.state = "REBALANCING"
      this.keptAtMs = this.committedAtMs = yield* MonotonicTime.millis
      purge.begin(this.committedAtMs)
      while (!status.isStopping) {
        yield* this.turn()
        measures.endTurn(yield* MonotonicTime.nanos, tasks.created, tasks.closed)
      }
      status.state = "PENDING_SHUTDOWN"
      yield* this.commit(true)
      if (this.isLost) yield* this.parts.delivery.abort
      this.isLost = false
      yield* this.attempt(() => this.abandon())
    })
  }

  /** One time around: poll, restore, process, commit. */
  private turn(): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { delivery, measures, plan, restorer, status, tasks, turns } = this.parts
      const consumer = this.consumer!
      const isBusy = tasks.waiting > 0 || restorer.size > 0 || (tasks.hasRecords && !status.isPaused)
      const waitMaxMs = !isBusy ? Number.POSITIVE_INFINITY : this.isIdling ? limits.taskIdlePollMs : 0
      const waitMs = waitMaxMs === 0 ? 0 : Math.min(waitMaxMs, yield* this.idleMs())
      const polled = this.polled(consumer.poll(waitMs))
      const chunks = yield* measures.timed("poll", polled, (nowMs, latencyMs) => measures.poll.record(nowMs, latencyMs))
      yield* this.heed(consumer)
      for (const chunk of chunks) yield* this.attempt(() => tasks.addChunkUnsafe(chunk))
      if (chunks.length > 0) measures.pollRecords.record(yield* MonotonicTime.millis, recordsIn(chunks))
      yield* this.restore(consumer)
      if (!this.isLost && (yield* delivery.room)) {
        if (!status.isPaused) yield* this.process(consumer)
      } else {
        this.isLost = true
      }
      const isAsked = tasks.takeCommitRequest() || this.parts.local?.isFull === true
      if (!this.isLost && (isAsked || (yield* this.idleMs()) === 0)) yield* this.commit()
      if (this.isLost && !status.isStopping) yield* this.reset()
      const { full, open } = tasks.fullness()
      if (open.length > 0) consumer.resume(open)
      if (full.length > 0) consumer.pause(full)
      status.state = plan.isKnown && isSettled(tasks) ? "RUNNING" : "REBALANCING"
      turns.note()
      // processing is synchronous: let sockets and heartbeats have their turn
      yield* Effect.yieldNow
    })
  }

  /** Processes for a while what there is, and punctuates. */
  private process(consumer: ConsumerCore<StreamsError>): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { effects, measures, tasks } = this.parts
      tasks.noteLags(consumer.lag)
      if (yield* this.attempt(() => tasks.shrinkCacheUnsafe())) this.isDirty = true
      const before = tasks.processed
      const startNs = yield* MonotonicTime.nanos
      const processed = yield* this.attempt(() => tasks.processUnsafe(limits.processingTurnMaxMs))
      const endNs = yield* MonotonicTime.nanos
      measures.noteProcessed(endNs, tasks.processed - before, endNs - startNs)
      const punctuated = (yield* this.attempt(() => tasks.punctuateUnsafe())) ?? 0
      const punctuatedNs = yield* MonotonicTime.nanos
      measures.notePunctuated(punctuatedNs, punctuated, punctuatedNs - endNs)
      if (punctuated > 0) this.isDirty = true
      this.isIdling = processed === 0 && tasks.waiting === 0
      if (processed !== undefined && processed > 0) this.isDirty = true
      else if (tasks.waiting > 0) yield* effects.progress(limits.effectWaitMaxMs)
    })
  }

  /** How long the next commit is away, at most one poll. */
  private idleMs(): Effect.Effect<number> {
    return Effect.map(MonotonicTime.millis, (nowMs) => {
      const { commitIntervalMs, pollMs } = this.parts
      return Math.max(0, Math.min(pollMs, this.committedAtMs + commitIntervalMs - nowMs))
    })
  }

  /** Brings stores up to date: those of tasks that are to run, and of standbys. */
  private restore(consumer: ConsumerCore<StreamsError>): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { applicationId, measures, pollMs, restorer, status, tasks } = this.parts
      this.beginRestores(consumer)
      if (!restorer.isReading) return
      yield* this.standbys.readOn(consumer)
      // standbys pause with the tasks
      if (restorer.size === 0 && status.isPaused) return
      const hasRunning = [...tasks.tasks.values()].some(({ state }) => state === "running")
      const waitMaxMs = hasRunning ? Math.min(limits.restoreWaitMaxMs, pollMs) : pollMs
      const isUrgent = restorer.size > 0 && !tasks.hasRecords
      const phase = restorer.size > 0 ? "restore" : "update"
      const before = restorer.restored
      yield* measures.timed(
        phase,
        Effect.mapError(restorer.advance(isUrgent ? waitMaxMs : 0), consuming(applicationId)),
        (nowMs) => measures.restoreCalls.record(nowMs, restorer.restored - before)
      )
      yield* this.keepRestored()
    })
  }

  /** Tasks whose positions are known now can be restored: what is before them is in their stores. */
  private beginRestores(consumer: ConsumerCore<StreamsError>): void {
    const { restorer, tasks } = this.parts
    for (const managed of tasks.tasks.values()) {
      const { partition, partitions, state, task } = managed
      if (state !== "created" || partitions.some((each) => consumer.position(each) === undefined)) continue
      task.beginAt((topic) => consumer.position({ topic, partition }))
      restorer.begin(managed, consumer.position)
    }
  }

  /** Writes what was read from changelogs, when it is much: it is committed, and need not wait for a commit here. */
  private keepRestored(): Effect.Effect<void, StreamsError> {
    const { local, tasks } = this.parts
    return local === undefined || !local.isFull ? Effect.void : this.kept(local.write(tasks.idsOfRestored()))
  }

  /** Writes what was changed, all of which is committed, if it is the last chance or should not wait for longer. */
  private keepCommitted(isLast: boolean): Effect.Effect<void, StreamsError> {
    const { delivery, local, tasks } = this.parts
    if (local === undefined) return Effect.void
    tasks.notePositions(local, delivery.writtenEnd)
    if (!isLast && !local.isDue(this.committedAtMs - this.keptAtMs)) return Effect.void
    this.keptAtMs = this.committedAtMs
    return this.kept(local.write())
  }

  private kept(written: Effect.Effect<void, StoreEngineError>): Effect.Effect<void, StreamsError> {
    return Effect.mapError(written, (cause) => stateFailed(this.parts.applicationId, cause))
  }

  /** Commits what was processed; `isLast`: tasks may be given up after it. Sets `isLost` if it is lost instead. */
  private commit(isLast = false): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { delivery, measures, purge, tasks } = this.parts
      this.committedAtMs = yield* MonotonicTime.millis
      yield* this.drain()
      while (!this.isLost) {
        yield* this.attempt(() => tasks.flushUnsafe())
        if (tasks.waiting === 0) break
        yield* this.drain()
      }
      if (this.isLost) return
      const offsets = tasks.committable()
      if (!this.isDirty && offsets.length === 0) return yield* this.keepCommitted(isLast)
      const outcome = yield* measures.timed(
        "commit",
        delivery.commit(this.consumer!, offsets),
        (nowMs, latencyMs) => measures.commit.record(nowMs, latencyMs)
      )
      if (outcome === "Lost") this.isLost = true
      if (outcome !== "Committed") return
      this.isDirty = false
      tasks.noteCommitted(offsets)
      yield* this.keepCommitted(isLast)
      yield* purge.afterCommit(this.committedAtMs)
    })
  }

  /** Waits until no record waits for an effect: what is committed must be done. */
  private drain(): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { applicationId, effects, effectsWaitMaxMs, tasks } = this.parts
      const sinceMs = yield* MonotonicTime.millis
      while (!this.isLost && tasks.waiting > 0) {
        this.isDirty = true
        yield* this.attempt(() => tasks.settleUnsafe())
        if (this.isLost || tasks.waiting === 0) return
        if ((yield* MonotonicTime.millis) - sinceMs >= effectsWaitMaxMs) {
          return yield* new StreamsError<never>({
            reason: "Effect",
            applicationId,
            detail: `effects of ${tasks.waiting} records have not ended after ${effectsWaitMaxMs} ms`,
            hint: "give the effects a timeout, or the app a longer maxPollInterval"
          })
        }
        yield* effects.progress(effectsWaitMaxMs)
      }
    })
  }

  /** After lost work: all tasks begin again at what is committed, with the state that belongs to it. */
  private reset(): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { delivery, effects, tasks } = this.parts
      const consumer = this.consumer!
      const partitions = tasks.partitions()
      this.handover.giveUp(partitions)
      yield* effects.ended(limits.closeTimeoutMs)
      yield* delivery.abort
      yield* delivery.renew
      this.isLost = false
      this.isDirty = false
      const held = new Set(consumer.assignment().map(({ partition, topic }) => keyOf(topic, partition)))
      const mine = partitions.filter(({ partition, topic }) => held.has(keyOf(topic, partition)))
      yield* this.handover.take(consumer, mine, true)
    })
  }

  abandon(): void {
    this.handover.giveUp(this.parts.tasks.partitions())
    this.isDirty = false
    this.isLost = false
  }

  /** Asks for another assignment when it is time to, and stops when some instance has asked all to. */
  private heed(consumer: ConsumerCore<StreamsError>): Effect.Effect<void, StreamsError> {
    return Effect.flatMap(Clock.currentTimeMillis, (nowMs) => {
      const { applicationId, plan } = this.parts
      if (plan.isAppStopping) {
        return Effect.fail(
          new StreamsError<never>({
            reason: "ShutdownRequested",
            applicationId,
            detail: "an instance has asked all instances to stop",
            hint: "look for the cause where it happened"
          })
        )
      }
      if (nowMs < plan.nextRebalanceMs) return Effect.void
      plan.nextRebalanceMs = Number.POSITIVE_INFINITY
      consumer.enforceRebalance()
      return Effect.void
    })
  }

  onAssigned(added: ReadonlyArray<TopicPartition>): Effect.Effect<void, StreamsError> {
    return this.handover.take(this.consumer!, added, false).pipe(
      Effect.andThen(this.standbys.keep()),
      Effect.andThen(this.tell("assigned", added))
    )
  }

  onRevoked(revoked: ReadonlyArray<TopicPartition>): Effect.Effect<void, StreamsError> {
    if (revoked.length === 0) return Effect.void
    return this.commit(true).pipe(
      Effect.andThen(Effect.sync(() => this.handover.giveUp(revoked))),
      Effect.andThen(this.tell("revoked", revoked))
    )
  }

  onLost(lost: ReadonlyArray<TopicPartition>): Effect.Effect<void> {
    return Effect.andThen(
      Effect.sync(() => {
        this.handover.giveUp(lost)
        this.isLost = this.isLost || this.isDirty
      }),
      Effect.andThen(this.parts.effects.ended(limits.closeTimeoutMs), this.tell("lost", lost))
    )
  }

  private tell(what: string, partitions: ReadonlyArray<TopicPartition>): Effect.Effect<void> {
    if (partitions.length === 0) return Effect.void
    const names = partitions.map(({ partition, topic }) => keyOf(topic, partition)).join(", ")
    return Effect.suspend(() => {
      const tasks = [...this.parts.tasks.tasks.keys()].join(", ")
      return Effect.logInfo(
        `${this.parts.applicationId}: ${what} ${names}; tasks now: ${tasks === "" ? "none" : tasks}`
      )
    })
  }

  /** Runs what may throw `TaskError`. A write that failed may only mean that the open work is lost. */
  private attempt<A>(run: () => A): Effect.Effect<A | undefined, StreamsError> {
    return Effect.suspend((): Effect.Effect<A | undefined, StreamsError> => {
      if (this.isLost) return Effect.undefined
      try {
        return Effect.succeed(run())
      } catch (cause) {
        if (!(cause instanceof TaskError)) return Effect.die(cause)
        if (!(cause.cause instanceof ProducerError)) return Effect.fail(processing(this.parts.applicationId, cause))
        this.isLost = true
        return Effect.as(this.parts.delivery.onFailure(cause.cause), undefined)
      }
    })
  }

  private polled<A>(effect: Effect.Effect<A, ConsumerError | StreamsError>): Effect.Effect<A, StreamsError> {
    return Effect.mapError(
      effect,
      (cause) => cause._tag === "StreamsError" ? cause : consuming(this.parts.applicationId)(cause)
    )
  }
}

const recordsIn = (chunks: ReadonlyArray<RecordChunk>): number =>
  chunks.reduce((sum, { recordsCount }) => sum + recordsCount, 0)

const isSettled = (tasks: TaskManager): boolean => {
  for (const { state } of tasks.tasks.values()) if (state !== "running") return false
  return true
}
