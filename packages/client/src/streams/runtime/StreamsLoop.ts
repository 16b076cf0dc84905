/**
 * The one loop of an app's instance: poll, restore, process, commit, again.
 *
 * Keeps true: whatever can fail ends the loop with a `StreamsError`; tasks are committed before they are given up, and
 * thrown away uncommitted when they are gone already; asked to stop, the loop commits, closes its tasks and ends.
 * Leaves to others: connections and producers (their scopes), what processing means (the engine).
 *
 * @since 0.1.0
 */
import type { StoreEngineError } from "@millrace/core/platform/StoreEngine"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore, OffsetAndMetadata, RebalanceListener } from "../../consumer/ConsumerCore.ts"
import type { ConsumerError } from "../../consumer/ConsumerError.ts"
import type { RecordChunk } from "../../consumer/RecordChunk.ts"
import * as limits from "../../limits.ts"
import { ProducerError } from "../../producer/ProducerError.ts"
import { TaskError } from "../engine/TaskError.ts"
import type { Delivery } from "./Delivery.ts"
import type { LocalState } from "./LocalState.ts"
import type { Turns } from "./queries/Turns.ts"
import type { Restorer } from "./Restorer.ts"
import type { ThreadMeasures } from "./metrics/ThreadMeasures.ts"
import type { EffectFibers } from "./EffectFibers.ts"
import type { GroupPlan } from "./GroupPlan.ts"
import { consuming, processing, stateFailed, StreamsError } from "./StreamsError.ts"
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
 * What the loop is made of. `commitIntervalMs`: the time between commits; `purge` deletes repartition records that are done.
 *
 * @since 0.1.0
 */
export interface Parts {
  readonly applicationId: string
  readonly status: Status
  readonly tasks: TaskManager
  readonly delivery: Delivery
  readonly plan: GroupPlan
  /** Told when a turn has ended. */
  readonly turns: Pick<Turns, "note">
  readonly measures: ThreadMeasures
  /** The stores on disk, if there are any. */
  readonly local?: LocalState | undefined
  readonly effects: Pick<EffectFibers, "progress" | "ended">
  /** How long a commit waits for effects before the app stops, in milliseconds. */
  readonly effectsWaitMaxMs: number
  /** Where a partition of this topic begins that has no committed offset. */
  readonly offsetResetOf: (topic: string) => "earliest" | "latest" | "none"
  /** What the consumer does by itself where nothing is committed. */
  readonly autoOffsetReset: "earliest" | "latest"
  readonly commitIntervalMs: number
  readonly pollMs: number
  readonly purgeIntervalMs: number
  readonly purge: (tasks: TaskManager) => Effect.Effect<void>
}

/**
 * The loop, to be given its consumers: they are made with `listener`.
 *
 * @since 0.1.0
 */
export interface StreamsLoop {
  readonly listener: RebalanceListener<StreamsError>
  /** Runs until it is asked to stop, or fails. */
  readonly run: (consumer: ConsumerCore<StreamsError>, restorer: Restorer) => Effect.Effect<void, StreamsError>
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
    run: (consumer, restorer) => Effect.suspend(() => loop.start(consumer, restorer)),
    abandon: () => loop.abandon()
  }
}

class Loop {
  private readonly parts: Parts
  private consumer: ConsumerCore<StreamsError> | undefined
  private restorer: Restorer | undefined
  private committedAtMs = 0
  /** When stores were written to disk. */
  private keptAtMs = 0
  private purgedAtMs = 0
  /** When it is to be asked again how far the tasks of standbys have committed. */
  private boundsDueMs = 0
  /** Whether records were processed, and perhaps output written, since the last commit. */
  private isDirty = false
  /** Whether tasks had records and took none: they wait to know what the other partitions have. */
  private isIdling = false
  /** The work since the last commit is lost: throw it away before anything else. */
  private isLost = false

  constructor(parts: Parts) {
    this.parts = parts
  }

  start(consumer: ConsumerCore<StreamsError>, restorer: Restorer): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      this.consumer = consumer
      this.restorer = restorer
      this.parts.status.state = "REBALANCING"
      this.purgedAtMs = this.keptAtMs = this.committedAtMs = yield* MonotonicTime.millis
      const { measures, status, tasks } = this.parts
      while (!status.isStopping) {
        yield* this.turn()
        measures.endTurn(yield* MonotonicTime.nanos, tasks.created, tasks.closed)
      }
      this.parts.status.state = "PENDING_SHUTDOWN"
      yield* this.commit(true)
      if (this.isLost) yield* this.parts.delivery.abort
      this.isLost = false
      yield* this.attempt(() => this.abandon())
    })
  }

  private turn(): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      const { delivery, measures, plan, status, tasks, turns } = this.parts
      const consumer = this.consumer!
      const restorer = this.restorer!
      const isBusy = tasks.waiting > 0 || restorer.size > 0 || (tasks.hasRecords && !status.isPaused)
      const waitMaxMs = !isBusy ? Number.POSITIVE_INFINITY : this.isIdling ? limits.taskIdlePollMs : 0
      const waitMs = waitMaxMs === 0 ? 0 : Math.min(waitMaxMs, yield* this.idleMs())
      const polled = this.polled(consumer.poll(waitMs))
      const chunks = yield* measures.timed("poll", polled, (nowMs, latencyMs) => measures.poll.record(nowMs, latencyMs))
      yield* this.heed(consumer)
      for (const chunk of chunks) yield* this.attempt(() => tasks.addChunkUnsafe(chunk))
      if (chunks.length > 0) measures.pollRecords.record(yield* MonotonicTime.millis, recordsIn(chunks))
      yield* this.restore(consumer, restorer)
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

  private restore(consumer: ConsumerCore<StreamsError>, restorer: Restorer): Effect.Effect<void, StreamsError> {
    return Effect.gen({ self: this }, function*() {
      let hasRunning = false
      for (const managed of this.parts.tasks.tasks.values()) {
        if (managed.state === "created") {
          const isKnown = managed.partitions.every((partition) => consumer.position(partition) !== undefined)
          if (isKnown) {
            const { partition, task } = managed
            task.beginAt((topic) => consumer.position({ topic, partition }))
            restorer.begin(managed, consumer.position)
          }
        }
        if (managed.state === "running") hasRunning = true
      }
      if (!restorer.isReading) return
      yield* this.raiseBounds(consumer, restorer)
      // standbys pause with the tasks
      if (restorer.size === 0 && this.parts.status.isPaused) return
      const waitMaxMs = hasRunning ? Math.min(limits.restoreWaitMaxMs, this.parts.pollMs) : this.parts.pollMs
      const isUrgent = restorer.size > 0 && !this.parts.tasks.hasRecords
      const { measures } = this.parts
      const phase = restorer.size > 0 ? "restore" : "update"
      const before = restorer.restored
      yield* measures.timed(
        phase,
        this.polled(restorer.advance(isUrgent ? waitMaxMs : 0)),
        (nowMs) => measures.restoreCalls.record(nowMs, restorer.restored - before)
      )
      yield* this.keepRestored()
    })
  }

  /** Lets standbys of tables that have no changelog but their topic read on, once per commit interval. */
  private raiseBounds(consumer: ConsumerCore<StreamsError>, restorer: Restorer): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const partitions = restorer.bounded
      const nowMs = yield* MonotonicTime.millis
      if (partitions.length === 0 || nowMs < this.boundsDueMs) return
      this.boundsDueMs = nowMs + this.parts.commitIntervalMs
      restorer.raise(yield* consumer.committed(partitions))
    }).pipe(
      Effect.catch((cause) => Effect.logWarning(`standbys of tables stay where they are for now: ${cause.message}`))
    )
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
      const { delivery, measures, purge, purgeIntervalMs, tasks } = this.parts
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
      if (this.committedAtMs < this.purgedAtMs + purgeIntervalMs) return
      this.purgedAtMs = this.committedAtMs
      yield* purge(tasks)
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
      const { delivery, tasks } = this.parts
      const consumer = this.consumer!
      const partitions = [...tasks.tasks.values()].flatMap((managed) => managed.partitions)
      for (const id of tasks.tasks.keys()) this.restorer!.forget(id)
      tasks.remove(partitions)
      yield* this.parts.effects.ended(limits.closeTimeoutMs)
      yield* delivery.abort
      yield* delivery.renew
      this.isLost = false
      this.isDirty = false
      const held = new Set(consumer.assignment().map(({ partition, topic }) => keyOf(topic, partition)))
      const mine = partitions.filter(({ partition, topic }) => held.has(keyOf(topic, partition)))
      yield* this.begin(mine, () => true)
    })
  }

  /** Makes the tasks of partitions, with what they remembered; those that `isSought` are positioned here. */
  private begin(
    partitions: ReadonlyArray<TopicPartition>,
    isSought: (partition: TopicPartition) => boolean
  ): Effect.Effect<void, StreamsError> {
    if (partitions.length === 0) return Effect.void
    const outgrown = this.parts.tasks.withoutChangelog(partitions)
    if (outgrown !== undefined) return Effect.fail(this.outgrown(outgrown))
    return Effect.flatMap(this.polled(this.consumer!.committed(partitions)), (committed) => {
      const failure = this.seekToCommitted(partitions.filter(isSought), committed)
      if (failure !== undefined) return Effect.fail(failure)
      return this.opening(() => {
        this.takeUnsafe(partitions)
        this.parts.tasks.remember(committed)
      })
    })
  }

  private outgrown(
    { changelog, partitionCount, source: { partition, topic } }: NonNullable<
      ReturnType<TaskManager["withoutChangelog"]>
    >
  ): StreamsError<never> {
    return new StreamsError<never>({
      reason: "InternalTopics",
      applicationId: this.parts.applicationId,
      detail: `${changelog} has ${partitionCount} partitions, and the task of ${
        keyOf(topic, partition)
      } needs one more`,
      hint: "give topics of a source no more partitions than its first had, or reset the app"
    })
  }

  /** Positions partitions at what is committed, or where their topic says. */
  private seekToCommitted(
    partitions: ReadonlyArray<TopicPartition>,
    committed: ReadonlyArray<OffsetAndMetadata>
  ): StreamsError<never> | undefined {
    const consumer = this.consumer!
    const offsets = new Map(committed.map((each) => [keyOf(each.topic, each.partition), each]))
    for (const each of partitions) {
      const found = offsets.get(keyOf(each.topic, each.partition))
      const reset = this.parts.offsetResetOf(each.topic)
      if (found !== undefined) consumer.seek(each, found.offset, found.leaderEpoch)
      else if (reset === "earliest") consumer.seekToBeginning([each])
      else if (reset === "latest") consumer.seekToEnd([each])
      else return this.withoutPosition(each)
    }
    return undefined
  }

  private withoutPosition({ partition, topic }: TopicPartition): StreamsError<never> {
    return new StreamsError<never>({
      reason: "Consuming",
      applicationId: this.parts.applicationId,
      detail: `nothing is committed for ${keyOf(topic, partition)}, and its source says not to begin anywhere else`,
      hint: "commit a position for the group, or give the source an offsetReset"
    })
  }

  abandon(): void {
    const { tasks } = this.parts
    for (const id of tasks.tasks.keys()) this.restorer?.forget(id)
    tasks.remove([...tasks.tasks.values()].flatMap((managed) => managed.partitions))
    this.isDirty = false
    this.isLost = false
  }

  private takeUnsafe(partitions: ReadonlyArray<TopicPartition>): void {
    this.parts.tasks.addUnsafe(partitions)
    this.consumer?.pause(partitions)
  }

  /** Runs what opens stores on disk. */
  private opening(run: () => void): Effect.Effect<void, StreamsError> {
    return Effect.try({ try: run, catch: (cause) => stateFailed(this.parts.applicationId, cause) })
  }

  /** Keeps copies of what the plan says, and no others. */
  private keepStandbysUnsafe(): void {
    const { plan, tasks } = this.parts
    for (const id of tasks.standbys.keys()) {
      if (plan.standbys.has(id)) continue
      this.restorer?.forget(id)
      tasks.removeStandby(id)
    }
    for (const id of plan.standbys) {
      if (tasks.tasks.has(id) || tasks.standbys.has(id)) continue
      this.restorer?.follow(tasks.addStandbyUnsafe(id))
      this.boundsDueMs = 0
    }
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

  private drop(partitions: ReadonlyArray<TopicPartition>): void {
    const { tasks } = this.parts
    for (const managed of tasks.tasks.values()) {
      const isGone = managed.partitions.some((mine) =>
        partitions.some(({ partition, topic }) => partition === mine.partition && topic === mine.topic)
      )
      if (isGone) this.restorer?.forget(managed.id)
    }
    tasks.remove(partitions)
  }

  onAssigned(added: ReadonlyArray<TopicPartition>): Effect.Effect<void, StreamsError> {
    const { autoOffsetReset, offsetResetOf } = this.parts
    return this.begin(added, (each) => offsetResetOf(each.topic) !== autoOffsetReset).pipe(
      Effect.andThen(this.opening(() => this.keepStandbysUnsafe())),
      Effect.andThen(this.tell("assigned", added))
    )
  }

  onRevoked(revoked: ReadonlyArray<TopicPartition>): Effect.Effect<void, StreamsError> {
    if (revoked.length === 0) return Effect.void
    return this.commit(true).pipe(
      Effect.andThen(Effect.sync(() => this.drop(revoked))),
      Effect.andThen(this.tell("revoked", revoked))
    )
  }

  onLost(lost: ReadonlyArray<TopicPartition>): Effect.Effect<void> {
    return Effect.andThen(
      Effect.sync(() => {
        this.drop(lost)
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
