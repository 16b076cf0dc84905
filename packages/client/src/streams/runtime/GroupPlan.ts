/**
 * What the group has decided, as this instance was told last.
 *
 * Keeps true: it is what the assignment of the newest generation said.
 * Leaves to others: acting upon it (`StreamsLoop`).
 *
 * @since 0.1.0
 */
import type { GroupAssignment } from "../../consumer/ConsumerCore.ts"
import * as StreamsProtocol from "./assignment/StreamsProtocol.ts"

/**
 * The plan. Owned by the fiber that polls.
 *
 * @since 0.1.0
 */
export class GroupPlan {
  /** Whether this instance was told anything yet. */
  isKnown = false
  /** Tasks of whose state this instance keeps a copy. */
  standbys: ReadonlySet<string> = new Set()
  activeByHost: ReadonlyArray<StreamsProtocol.HostPartitions> = []
  standbyByHost: ReadonlyArray<StreamsProtocol.HostPartitions> = []
  /** When to ask for another assignment, in milliseconds since 1970. */
  nextRebalanceMs = Number.POSITIVE_INFINITY
  /** Whether some instance has asked all of them to stop. */
  isAppStopping = false
  /** Whether this instance asks all to stop, when it joins next. */
  isStopRequested = false
  /** Counts joins, so that the broker sees that a subscription is new. */
  private joins = 0

  /** Takes over what the leader told. Throws `ProtocolError`. */
  take({ userData }: GroupAssignment): void {
    const info = StreamsProtocol.decodeAssignment(userData)
    this.isKnown = true
    this.standbys = new Set(info?.standby.keys())
    this.activeByHost = info?.activeByHost ?? []
    this.standbyByHost = info?.standbyByHost ?? []
    this.nextRebalanceMs = info?.nextRebalanceMs ?? Number.POSITIVE_INFINITY
    if (info?.errorCode === StreamsProtocol.shutdownRequested) this.isAppStopping = true
  }

  /** A number that differs from join to join, as a byte. */
  nextUniqueField(): number {
    this.joins = (this.joins + 1) % 128
    return this.joins
  }
}
