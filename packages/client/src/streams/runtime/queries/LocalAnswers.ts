/**
 * What the stores of this instance answer: those of tasks that run here, copies, and global stores.
 *
 * Keeps true: an answer that was bound is of a store that had come as far as the bound at that very moment; nothing happens
 * between looking and reading. A copy answers only those who allow it, and only if it is no further behind than they allow.
 * Leaves to others: asking other instances (`QueryRouter`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Serde from "@millrace/core/serde/Serde"
import type { SubTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Effect from "effect/Effect"
import type { TopicPartition } from "../../../cluster/TopicPartition.ts"
import * as limits from "../../../limits.ts"
import { detailOf } from "../../engine/TaskError.ts"
import type { TaskStore } from "../../engine/TaskStores.ts"
import * as Position from "../../Position.ts"
import type { Instance } from "../Instance.ts"
import type { StreamThread } from "../StreamThread.ts"
import { sourceTopicsOf } from "./Placement.ts"
import { NotUpToBound, QueryError, type QueryFailure, type Reason } from "./QueryError.ts"
import { executeUnsafe, type Page, type PageLimits, type Place, type RawQuery } from "./RawQuery.ts"
import { StandbyPositions } from "./StandbyPositions.ts"

/**
 * A question to one partition of a store (-1: a global store). `waitMs`: how long to wait for the bound; `lagMax`: how many
 * changes a copy may be behind to answer, -1: only the task that runs may.
 *
 * @since 0.1.0
 */
export interface Question {
  readonly store: string
  readonly partition: number
  readonly query: RawQuery
  readonly after: Place | undefined
  readonly bound: Position.Position
  readonly waitMs: number
  readonly lagMax: number
  readonly page: PageLimits
}

/**
 * An answer. `position`: how far the store had come; `isActive`: whether it is no copy.
 *
 * @since 0.1.0
 */
export interface Answer extends Page {
  readonly position: Position.Position
  readonly isActive: boolean
}

/** A store that is here. */
interface Held {
  readonly taskStore: TaskStore
  readonly isActive: boolean
  readonly position: () => Position.Position
  readonly lag: () => number
  /** Finds out more about the position of a copy. */
  readonly learn: Effect.Effect<void>
}

/**
 * The stores of an instance, to be asked.
 *
 * @since 0.1.0
 */
export class LocalAnswers {
  private readonly instance: Instance
  private readonly standbys: StandbyPositions

  constructor(instance: Instance) {
    this.instance = instance
    this.standbys = new StandbyPositions(instance.settings.applicationId, instance.admin)
  }

  /** Whether the partition's task runs here. */
  isActive(store: string, partition: number): boolean {
    return this.find(store, partition)?.isActive === true
  }

  /** Whether there is the store here, be it a copy. */
  has(store: string, partition: number): boolean {
    return this.find(store, partition) !== undefined
  }

  /** Answers; `read` sees the answer at the moment at which it is so. */
  answer<A>(question: Question, read: (answer: Answer) => A): Effect.Effect<A, QueryFailure> {
    return Effect.gen({ self: this }, function*() {
      const { bound, partition, store, waitMs } = question
      const deadlineMs = (yield* MonotonicTime.millis) + waitMs
      while (true) {
        const held = this.find(store, partition)
        if (held === undefined) return yield* failure(question, "NotPresent", "the instance does not have it")
        const refusal = refusalOf(held, question)
        if (refusal !== undefined) return yield* refusal
        const position = held.position()
        if (Position.covers(position, bound, partition < 0 ? undefined : partition)) {
          return yield* executed(held, position, question, read)
        }
        const leftMs = deadlineMs - (yield* MonotonicTime.millis)
        if (leftMs <= 0) return yield* new NotUpToBound({ store, partition, position, bound })
        yield* Effect.timeoutOption(held.learn, leftMs)
        const restMs = deadlineMs - (yield* MonotonicTime.millis)
        if (restMs > 0) yield* this.instance.turns.next(Math.min(restMs, limits.streamsPollMs))
      }
    })
  }

  private find(store: string, partition: number): Held | undefined {
    const { globals, state, threads, topology } = this.instance
    const global = globals.stores.get(store)
    if (global !== undefined) {
      // threads begin when global stores hold all that their topics held
      if (state.current === "CREATED") return undefined
      return { taskStore: global, isActive: true, position: globals.position, lag: () => 0, learn: Effect.void }
    }
    const subTopology = topology.subTopologies.find(({ stores }) => stores.includes(store))
    if (subTopology === undefined) return undefined
    const taskId = `${subTopology.id}_${partition}`
    let copy: Held | undefined
    for (const thread of threads()) {
      if (thread.status.hasEnded) continue
      const managed = thread.tasks.tasks.get(taskId)
      const own = managed?.task.stores.get(store)
      if (managed?.state === "running" && own !== undefined) {
        const { task } = managed
        return {
          taskStore: own,
          isActive: true,
          position: () => task.positionOf(store),
          lag: () => 0,
          learn: Effect.void
        }
      }
      const found = own ?? thread.tasks.standbys.get(taskId)?.asked.get(store)
      copy ??= found === undefined ? undefined : this.copyOf(thread, found, subTopology, partition)
    }
    return copy
  }

  /** A store that is filled from its changelog; one without a changelog of its own is none. */
  private copyOf(
    { restorer }: StreamThread,
    taskStore: TaskStore,
    subTopology: SubTopology,
    partition: number
  ): Held | undefined {
    const { definition: { changelog }, store } = taskStore
    if (changelog._tag !== "Topic") return undefined
    const log: TopicPartition = { topic: changelog.topic, partition }
    const copy = () => ({
      store,
      changelog: log,
      readTo: restorer.position(log) ?? 0,
      sources: sourceTopicsOf(this.instance, subTopology).map((topic) => ({ topic, partition }))
    })
    return {
      taskStore,
      isActive: false,
      position: () => this.standbys.of(copy()),
      lag: () => restorer.lag(log) ?? Number.POSITIVE_INFINITY,
      learn: Effect.suspend(() => this.standbys.learn(copy()))
    }
  }
}

const failure = ({ partition, store }: Question, reason: Reason, detail: string, cause?: unknown) =>
  new QueryError({ reason, store, partition, detail, cause })

/** Why a copy may not answer, if so. */
const refusalOf = ({ isActive, lag }: Held, question: Question): QueryError | undefined => {
  if (isActive) return undefined
  if (question.lagMax < 0) return failure(question, "NotActive", "the instance has a copy only, or is restoring")
  const behind = lag()
  return behind <= question.lagMax
    ? undefined
    : failure(question, "TooFarBehind", `its copy is ${behind} changes behind, at most ${question.lagMax} are allowed`)
}

const executed = <A>(
  { isActive, taskStore }: Held,
  position: Position.Position,
  question: Question,
  read: (answer: Answer) => A
): Effect.Effect<A, QueryError> => {
  try {
    const page = executeUnsafe(taskStore, question.query, question.after, question.page)
    return page === undefined
      ? Effect.fail(failure(question, "UnknownQueryType", `a ${taskStore.definition._tag} store is not asked so`))
      : Effect.succeed(read({ ...page, position, isActive }))
  } catch (cause) {
    const reason = cause instanceof Serde.SerdeError ? "Serialization" : "StoreException"
    return Effect.fail(failure(question, reason, detailOf(cause), cause))
  }
}
