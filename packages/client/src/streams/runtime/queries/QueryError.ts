/**
 * Why a query has no answer.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Position from "../../Position.ts"

/**
 * What went wrong with a query; Kafka's `FailureReason`s, and what can go wrong on the way to another instance.
 *
 * - `UnknownStore`, `UnknownPartition`: there is no such store, or no such partition of it (`DOES_NOT_EXIST`).
 * - `UnknownQueryType`: a store of this kind does not answer such queries (`UNKNOWN_QUERY_TYPE`).
 * - `InvalidBound`: the bound asks for topics that the store is not made of, so it would never be reached.
 * - `NotPresent`: the instance that was asked does not have the partition (`NOT_PRESENT`).
 * - `NotActive`: it has a copy only, or is restoring, and stale reads were not allowed (`NOT_ACTIVE`).
 * - `TooFarBehind`: its copy is further behind than stale reads may be.
 * - `Unavailable`: no instance is known to have the partition, as while the group rebalances.
 * - `Unreachable`: the instance that has it does not answer.
 * - `StoreException`: the store could not be read (`STORE_EXCEPTION`).
 * - `Serialization`: a serde refused the key that is asked for, or what was found.
 * - `TooLarge`: an entry is larger than an answer may be.
 * - `Protocol`: the other side does not speak the protocol, or not this version of it.
 * - `NotRunning`: the instance has stopped.
 *
 * @since 0.1.0
 */
export type Reason =
  | "UnknownStore"
  | "UnknownPartition"
  | "UnknownQueryType"
  | "InvalidBound"
  | "NotPresent"
  | "NotActive"
  | "TooFarBehind"
  | "Unavailable"
  | "Unreachable"
  | "StoreException"
  | "Serialization"
  | "TooLarge"
  | "Protocol"
  | "NotRunning"

/**
 * A query that failed. Of those that may pass (see `isPassing`) it is the last failure before the time was up.
 *
 * @since 0.1.0
 */
export class QueryError extends Data.TaggedError("QueryError")<{
  readonly reason: Reason
  readonly store: string
  /** -1: of none in particular. */
  readonly partition: number
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const partition = this.partition < 0 ? "" : `, partition ${this.partition}`
    return `query of ${this.store}${partition}: ${this.detail}; ${hints[this.reason]}`
  }
}

/**
 * The store has not come as far as the bound (`NOT_UP_TO_BOUND`). `position`: how far it has come.
 *
 * @since 0.1.0
 */
export class NotUpToBound extends Data.TaggedError("NotUpToBound")<{
  readonly store: string
  readonly partition: number
  readonly position: Position.Position
  readonly bound: Position.Position
}> {
  override get message(): string {
    const { bound, partition, position, store } = this
    return `query of ${store}, partition ${partition}: it is at ${Position.format(position)} and not up to ${
      Position.format(bound)
    }; ask again, or say how long to wait (waitUpTo)`
  }
}

/**
 * Whatever a query fails with.
 *
 * @since 0.1.0
 */
export type QueryFailure = QueryError | NotUpToBound

/**
 * Whether a failure may pass: another instance may have the partition, or this one soon.
 *
 * @since 0.1.0
 */
export const isPassing = ({ reason }: QueryError): boolean => passing.has(reason)

const passing: ReadonlySet<Reason> = new Set<Reason>([
  "NotPresent",
  "NotActive",
  "TooFarBehind",
  "Unavailable",
  "Unreachable"
])

const hints: Readonly<Record<Reason, string>> = {
  UnknownStore: "ask for a store of the topology by its name",
  UnknownPartition: "ask for a partition below the number that the store's topics have",
  UnknownQueryType: "ask as the kind of the store allows",
  InvalidBound: "leave other topics out of the bound (Position.ofTopics)",
  NotPresent: "ask the instance that has it, or when the group has met",
  NotActive: "ask the instance that runs its task, or allow stale reads",
  TooFarBehind: "ask again, or allow staler reads",
  Unavailable: "give all instances an applicationServer, and ask when they are RUNNING",
  Unreachable: "ask again when the group has given its tasks to others, or allow stale reads",
  StoreException: "look at the cause",
  Serialization: "look at the serdes of the store",
  TooLarge: "ask for less at a time, or keep smaller values",
  Protocol: "let all instances run the same release of the same app",
  NotRunning: "ask another instance"
}
