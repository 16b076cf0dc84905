/**
 * What is wrong with a topology, all of it at once.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/**
 * One thing that is wrong. `where`: the name of the node, store or topic.
 *
 * - `DuplicateName`: two nodes or stores have one name
 * - `OverlappingSources`: two sources share some topics, but not all
 * - `ConflictingOffsetReset`: two sources of one topic begin at different places
 * - `MissingSerde`: bytes are needed, and no serde was given (the types refuse this)
 * - `InvalidName`, `InvalidWindows`, `InvalidRetention`, `InvalidPartitions`, `InvalidOffsetReset`: a number or a name that
 *   cannot be
 * - `UnknownStore`: a processor uses a store that nothing makes
 * - `WrongStore`: a processor takes a store of another part for one of another kind
 * - `NotWindowed`: the close of windows is awaited where there are none
 * - `NotVersioned`, `Versioned`: a table must be versioned, or must not be
 * - `NotMergeable`: the repartition topics below a key change cannot be merged
 * - `NotCopartitioned`: topics that a join reads together have unequal partition counts
 * - `InternalTopic`: a topic is read or written that the app makes for itself
 * - `NoSource`: no topic is read
 * - `UnknownTopic`: the partition count of a topic is not known
 * - `NameNotExplicit`: `ensureExplicitNames` is on, and an internal topic's name is generated
 *
 * @since 0.1.0
 */
export interface Problem {
  readonly reason:
    | "DuplicateName"
    | "OverlappingSources"
    | "ConflictingOffsetReset"
    | "InvalidOffsetReset"
    | "MissingSerde"
    | "InvalidName"
    | "InvalidWindows"
    | "InvalidRetention"
    | "InvalidPartitions"
    | "UnknownStore"
    | "WrongStore"
    | "NotWindowed"
    | "NotVersioned"
    | "Versioned"
    | "NotMergeable"
    | "NotCopartitioned"
    | "InternalTopic"
    | "NoSource"
    | "UnknownTopic"
    | "NameNotExplicit"
  readonly where: string
  readonly detail: string
  readonly hint: string
}

/**
 * A topology that cannot be resolved, with every reason found.
 *
 * @since 0.1.0
 */
export class TopologyError extends Data.TaggedError("TopologyError")<{
  readonly problems: readonly [Problem, ...ReadonlyArray<Problem>]
}> {
  override get message(): string {
    return this.problems.map((problem) => `${problem.where}: ${problem.detail}; ${problem.hint}`).join("\n")
  }
}

/**
 * The value if nothing is wrong with it, and else all that is, each thing once.
 *
 * @since 0.1.0
 */
export const unlessAny = <A>(value: A, problems: ReadonlyArray<Problem>): Result.Result<A, TopologyError> => {
  const [first, ...others] = new Map(problems.map((problem) => [`${problem.reason} ${problem.where}`, problem]))
    .values()
  return first === undefined
    ? Result.succeed(value)
    : Result.fail(new TopologyError({ problems: [first, ...others] }))
}
