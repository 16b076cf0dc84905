/**
 * How consuming fails: each failure ends a stream or a poll, none is silent.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Why a consumer cannot go on.
 *
 * - `CommitFailed`: the group went on without this member before the commit; its partitions belong to others now.
 * - `RebalanceInProgress`: the commit came during a rebalance; poll, then commit again.
 * - `Fenced`: another member with this `groupInstanceId` has joined.
 * - `PollIntervalExceeded`: no poll for `maxPollInterval`; the member left its group.
 * - `NoPosition`: a partition has no committed offset, or an invalid one, and `autoOffsetReset` is `none`.
 * - `Truncated`: the log was cut below the position (`OffsetForLeaderEpoch`), and `autoOffsetReset` is `none`.
 * - `InconsistentGroup`: the group's members share no assignor, or are of another type.
 * - `CorruptRecord`: fetched bytes are no records.
 * - `UndecodableRecord`: a serde refused a record.
 * - `Unavailable`: the cluster did not answer in time, however often it was asked.
 * - `Refused`: the broker refused in a way that does not pass (authorization, unknown topic, too large …).
 * - `NotAssigned`: the partition is not this consumer's.
 * - `Closed`: the consumer has been closed.
 *
 * @since 0.1.0
 */
export class ConsumerError extends Data.TaggedError("ConsumerError")<{
  readonly reason:
    | "CommitFailed"
    | "RebalanceInProgress"
    | "Fenced"
    | "PollIntervalExceeded"
    | "NoPosition"
    | "Truncated"
    | "InconsistentGroup"
    | "CorruptRecord"
    | "UndecodableRecord"
    | "Unavailable"
    | "Refused"
    | "NotAssigned"
    | "Closed"
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.detail}; ${this.hint}`
  }
}
