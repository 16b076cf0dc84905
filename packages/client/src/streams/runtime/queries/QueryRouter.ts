/**
 * Takes a query to the instance that has what it asks for, and asks again while tasks move.
 *
 * Keeps true: an answer about a key comes from the task that runs for its partition, or, where stale reads are allowed, from
 * a copy that is not too far behind; a query of all keys goes through the partitions in their order, a page at a time. Whatever
 * happens to the other instances, a query ends within its time: with an answer, or with a typed failure.
 * Leaves to others: what stores answer (`LocalAnswers`), connections (`QueryPeers`), who has which task (`GroupPlan`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Network from "@millrace/core/platform/Network"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Retry from "../../../cluster/Retry.ts"
import * as limits from "../../../limits.ts"
import { detailOf } from "../../engine/TaskError.ts"
import type * as Position from "../../Position.ts"
import type { Instance } from "../Instance.ts"
import * as Asking from "./Asking.ts"
import type { Answer, LocalAnswers, Question } from "./LocalAnswers.ts"
import * as Placement from "./Placement.ts"
import type * as Query from "./Query.ts"
import { isPassing, QueryError, type QueryFailure } from "./QueryError.ts"
import type { QueryPeers } from "./QueryPeers.ts"
import type { Place, RawEntry } from "./RawQuery.ts"

/**
 * Where an answer came from. `position`: how far into its inputs the store had come, to bound the next query by; `host`: the
 * other instance that gave it, undefined if it was this one; `partition`: -1 of a global store.
 *
 * @since 0.1.0
 */
export interface AnswerInfo {
  readonly partition: number
  readonly position: Position.Position
  readonly isActive: boolean
  readonly host: string | undefined
}

/**
 * The answer to a query of one value: undefined if there is none.
 *
 * @since 0.1.0
 */
export interface QueryResult<out A> extends AnswerInfo {
  readonly value: A | undefined
}

/**
 * A part of the answer to a query of several entries: what was so at one moment in one partition.
 *
 * @since 0.1.0
 */
export interface QueryPage<out A> extends AnswerInfo {
  readonly entries: ReadonlyArray<A>
}

/** Who can be asked: an instance elsewhere, or undefined for this one. */
type Candidate = Network.Address | undefined

/**
 * The way to all stores of an app.
 *
 * @since 0.1.0
 */
export class QueryRouter {
  private readonly instance: Instance
  private readonly local: LocalAnswers
  private readonly peers: Pick<QueryPeers, "ask">

  constructor(instance: Instance, local: LocalAnswers, peers: Pick<QueryPeers, "ask">) {
    this.instance = instance
    this.local = local
    this.peers = peers
  }

  /** Finds one value, in the only partition that can have it or in the first that has. */
  one<A>(query: Query.One<A>, options: Asking.QueryOptions): Effect.Effect<QueryResult<A>, QueryFailure> {
    return Effect.gen({ self: this }, function*() {
      const asking = yield* Asking.make(this.instance, this.local, query, options, 1)
      const from = (at: number): Effect.Effect<QueryResult<A>, QueryFailure> =>
        Effect.flatMap(
          this.value(asking, query, asking.partitions[at]!),
          (result) =>
            result.value !== undefined || at === asking.partitions.length - 1 ? Effect.succeed(result) : from(at + 1)
        )
      return yield* from(0)
    })
  }

  private value<A>(asking: Asking.Asking, query: Query.One<A>, partition: number) {
    return this.ask(asking, partition, undefined, (answer, host): QueryResult<A> => {
      const [entry] = answer.entries
      const value = entry === undefined ? undefined : query.decodeUnsafe(asking.definition, entry)
      return { ...infoOf(answer, partition, host), value }
    })
  }

  /** Finds entries, page by page: partition after partition, each in the order of the store. */
  many<A>(query: Query.Many<A>, options: Asking.QueryOptions): Stream.Stream<QueryPage<A>, QueryFailure> {
    return Stream.unwrap(Effect.gen({ self: this }, function*() {
      const asking = yield* Asking.make(this.instance, this.local, query, options, limits.queryPageEntriesMax)
      const { definition, partitions } = asking
      return Stream.paginate({ at: 0, after: undefined as Place | undefined }, ({ after, at }) => {
        const partition = partitions[at]!
        return this.ask(asking, partition, after, (answer, host) => {
          const entries = answer.entries.map((entry) => query.decodeUnsafe(definition, entry))
          const page: QueryPage<A> = { ...infoOf(answer, partition, host), entries }
          const next = answer.isLast ? { at: at + 1, after: undefined } : { at, after: placeOf(answer.entries.at(-1)!) }
          return [[page], next.at < partitions.length ? Option.some(next) : Option.none()] as const
        })
      })
    }))
  }

  /** Asks one partition, again and again until it answers or its time is up. */
  private ask<A>(
    asking: Asking.Asking,
    partition: number,
    after: Place | undefined,
    read: (answer: Answer, host: string | undefined) => A
  ): Effect.Effect<A, QueryFailure> {
    return Effect.gen({ self: this }, function*() {
      const startMs = yield* MonotonicTime.millis
      const waitUntilMs = startMs + asking.waitMs
      const deadlineMs = waitUntilMs + asking.timeoutMs
      let attempt = 0
      while (true) {
        yield* this.running(asking.definition.name, partition)
        const nowMs = yield* MonotonicTime.millis
        const waitMs = Math.max(0, Math.ceil(Math.min(waitUntilMs - nowMs, limits.queryWaitMaxMs)))
        const outcome = yield* Effect.result(this.askAny(asking, partition, after, waitMs, read))
        if (outcome._tag === "Success") return outcome.success
        const failure = outcome.failure
        const endMs = yield* MonotonicTime.millis
        if (failure._tag === "NotUpToBound") {
          if (endMs >= waitUntilMs) return yield* failure
          continue
        }
        if (!isPassing(failure) || asking.isLocal || endMs >= deadlineMs) return yield* failure
        yield* Retry.backoff(attempt++, limits.queryBackoffMinMs, limits.queryBackoffMaxMs)
      }
    })
  }

  /** Fails when the instance has stopped. */
  private running(store: string, partition: number): Effect.Effect<void, QueryError> {
    return Effect.suspend(() => {
      const { settings: { applicationId }, state: { current } } = this.instance
      const detail = `${applicationId} is ${current}`
      return isOver.has(current)
        ? Effect.fail(new QueryError({ reason: "NotRunning", store, partition, detail }))
        : Effect.void
    })
  }

  /** Asks those who may have the partition, one after the other, until one answers; only the last is to wait for the bound. */
  private askAny<A>(
    asking: Asking.Asking,
    partition: number,
    after: Place | undefined,
    waitMs: number,
    read: (answer: Answer, host: string | undefined) => A
  ): Effect.Effect<A, QueryFailure> {
    const candidates = this.candidates(asking, partition)
    const question = this.questionOf(asking, partition, after)
    const from = (at: number): Effect.Effect<A, QueryFailure> => {
      const isLast = at === candidates.length - 1
      const asked = this.askOne(candidates[at], { ...question, waitMs: isLast ? waitMs : 0 }, read)
      return isLast ?
        asked :
        Effect.catch(
          asked,
          (failure) => failure._tag === "NotUpToBound" || isPassing(failure) ? from(at + 1) : Effect.fail(failure)
        )
    }
    if (candidates.length > 0) return from(0)
    const { name: store } = asking.definition
    const detail = "no instance says that it has the partition"
    return Effect.fail(new QueryError({ reason: "Unavailable", store, partition, detail }))
  }

  private questionOf(
    { bound, definition: { name: store }, entriesMax, lagMax, raw: query }: Asking.Asking,
    partition: number,
    after: Place | undefined
  ): Omit<Question, "waitMs"> {
    return { store, partition, query, after, bound, lagMax, page: { entriesMax, bytesMax: limits.queryPageBytesMax } }
  }

  private askOne<A>(
    address: Candidate,
    question: Question,
    read: (answer: Answer, host: string | undefined) => A
  ): Effect.Effect<A, QueryFailure> {
    if (address === undefined) return this.local.answer(question, (answer) => read(answer, undefined))
    return Effect.flatMap(this.peers.ask(address, question), (answer) => {
      try {
        return Effect.succeed(read(answer, Network.formatAddress(address)))
      } catch (cause) {
        const { partition, store } = question
        return Effect.fail(
          new QueryError({ reason: "Serialization", store, partition, detail: detailOf(cause), cause })
        )
      }
    })
  }

  /** Whom to ask: this instance if it may answer, the one that runs the task, then copies. */
  private candidates(
    { definition: { name }, isLocal, lagMax, subTopology }: Asking.Asking,
    partition: number
  ): ReadonlyArray<Candidate> {
    const isHere = lagMax < 0 ? this.local.isActive(name, partition) : this.local.has(name, partition)
    if (isLocal || subTopology === undefined || this.local.isActive(name, partition)) return [undefined]
    const { applicationServer } = this.instance.settings
    const plan = Placement.planOf(this.instance)
    const sources = Placement.sourceTopicsOf(this.instance, subTopology)
    const active = Placement.having(plan?.activeByHost ?? [], sources, partition)
    const standby = lagMax < 0 ? [] : Placement.having(plan?.standbyByHost ?? [], sources, partition)
    const elsewhere = [...active, ...standby].flatMap(({ host, port }) => {
      const address = `${host}:${port}` === applicationServer ? undefined : Network.parseAddress(`${host}:${port}`)
      return address === undefined ? [] : [address]
    })
    return isHere ? [undefined, ...elsewhere] : elsewhere
  }
}

const isOver: ReadonlySet<string> = new Set(["NOT_RUNNING", "ERROR"])

const infoOf = ({ isActive, position }: Answer, partition: number, host: string | undefined): AnswerInfo => ({
  partition,
  position,
  isActive,
  host
})

/** Of its own, for the store may go on. */
const placeOf = ({ end, key, start }: RawEntry): Place => ({ key: key.slice(), start, end })
