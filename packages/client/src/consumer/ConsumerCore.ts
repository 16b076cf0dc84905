/**
 * The consumer that all others are made of: group membership, positions and fetching, driven by `poll`.
 *
 * Keeps true: callbacks, positions and everything else that the caller sees change only inside its own calls, never
 * behind its back; heartbeats and fetches go on in the background.
 * Leaves to others: decoding (`Consumer`), when to commit.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { OffsetAndMetadata } from "../cluster/OffsetRequests.ts"
import type { TopicPartition } from "../cluster/TopicPartition.ts"
import type { AssignableTopic, Member, RebalanceProtocol } from "./assignor/Assignor.ts"
import type { ConsumerError } from "./ConsumerError.ts"
import type { RecordChunk } from "./RecordChunk.ts"

export type { OffsetAndMetadata }

/**
 * What happens to the partitions of this consumer; `poll` waits for each of them (and fails as they do).
 *
 * @since 0.1.0
 */
export interface RebalanceListener<E = never, R = never> {
  /** Partitions were added; their positions are not yet known, and may be set with `seek`. */
  readonly onAssigned?: (added: ReadonlyArray<TopicPartition>) => Effect.Effect<void, E, R>
  /** Partitions are about to be given up: the last moment to commit. */
  readonly onRevoked?: (revoked: ReadonlyArray<TopicPartition>) => Effect.Effect<void, E, R>
  /** Partitions are somebody else's already (the member was fenced or expired): too late to commit. */
  readonly onLost?: (lost: ReadonlyArray<TopicPartition>) => Effect.Effect<void, E, R>
}

/**
 * What a leader gives a member.
 *
 * @since 0.1.0
 */
export interface GroupAssignment {
  readonly partitions: ReadonlyArray<TopicPartition>
  readonly userData: Uint8Array | null
}

/**
 * What a leader knows about the group and the topics.
 *
 * @since 0.1.0
 */
export interface GroupSubscription {
  readonly members: ReadonlyArray<Member>
  /** All topics that members want and that exist. */
  readonly topics: ReadonlyArray<AssignableTopic>
}

/**
 * An assignor with hooks: its own protocol name, user data and effects (the streams runtime brings one).
 *
 * @since 0.1.0
 */
export interface GroupAssignor<E = never, R = never> {
  readonly name: string
  /** What it can do, the best first. */
  readonly protocols: ReadonlyArray<RebalanceProtocol>
  /** What to tell the leader; asked before each join. */
  readonly userData: Effect.Effect<Uint8Array | null, E, R>
  /** Run by the leader only. */
  readonly assign: (group: GroupSubscription) => Effect.Effect<ReadonlyMap<string, GroupAssignment>, E, R>
  /** What this member was given; before `onRevoked` and `onAssigned`. */
  readonly onAssignment: (assignment: GroupAssignment, generationId: number) => Effect.Effect<void, E, R>
}

/**
 * Who this consumer is in its group: what a transaction needs to commit offsets.
 *
 * @since 0.1.0
 */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/**
 * What becomes of the membership when a consumer is closed (KIP-1092): its partitions are given to others at once, or when its
 * session times out.
 *
 * @since 0.1.0
 */
export type GroupMembershipOperation = "LEAVE_GROUP" | "REMAIN_IN_GROUP"

/**
 * A consumer to be driven. One fiber at a time; not for several.
 *
 * @since 0.1.0
 */
export interface ConsumerCore<E = never, R = never> {
  /** Joins the group for these topics (a pattern: all topics that match, looked up again with the metadata). */
  readonly subscribe: (topics: ReadonlyArray<string> | RegExp) => Effect.Effect<void, ConsumerError>
  /** Takes exactly these partitions, without a group's say. */
  readonly assign: (partitions: ReadonlyArray<TopicPartition>) => Effect.Effect<void, ConsumerError>
  /**
   * Takes part in rebalances (awaiting the callbacks), finds positions, and gives what has been fetched: at once if
   * there is something, otherwise after `maxWaitMs` at most, perhaps nothing. May be interrupted and called again;
   * who must not lose what an interrupted poll had already fetched takes it in `onChunks`. A callback that is
   * interrupted with the poll is called again by the next one.
   */
  readonly poll: (
    maxWaitMs: number,
    onChunks?: (chunks: ReadonlyArray<RecordChunk>) => void
  ) => Effect.Effect<ReadonlyArray<RecordChunk>, ConsumerError | E, R>
  /** The partitions held now. */
  readonly assignment: () => ReadonlyArray<TopicPartition>
  /** The offset of the next record that `poll` gives; undefined if it is not known yet. */
  readonly position: (partition: TopicPartition) => number | undefined
  readonly seek: (partition: TopicPartition, offset: number, leaderEpoch?: number) => void
  readonly seekToBeginning: (partitions: ReadonlyArray<TopicPartition>) => void
  readonly seekToEnd: (partitions: ReadonlyArray<TopicPartition>) => void
  /** To the first record that is not older than the duration, and to the end if there is none. */
  readonly seekByDuration: (partitions: ReadonlyArray<TopicPartition>, durationMs: number) => void
  /** Paused partitions stay assigned; `poll` gives nothing of them. */
  readonly pause: (partitions: ReadonlyArray<TopicPartition>) => void
  readonly resume: (partitions: ReadonlyArray<TopicPartition>) => void
  readonly paused: () => ReadonlyArray<TopicPartition>
  /** What the group has committed, where it has. */
  readonly committed: (
    partitions: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<ReadonlyArray<OffsetAndMetadata>, ConsumerError>
  readonly commit: (offsets: ReadonlyArray<OffsetAndMetadata>) => Effect.Effect<void, ConsumerError>
  readonly groupMetadata: () => GroupMetadata
  /** As of the last fetch of the partition; undefined before it. */
  readonly watermarks: (
    partition: TopicPartition
  ) =>
    | { readonly highWatermark: number; readonly lastStableOffset: number; readonly logStartOffset: number }
    | undefined
  /** Records between the position and the end that this consumer may read; undefined before the first fetch. */
  readonly lag: (partition: TopicPartition) => number | undefined
  readonly beginningOffsets: (
    partitions: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<ReadonlyArray<OffsetAndMetadata>, ConsumerError>
  /** With read committed, the last stable offsets. */
  readonly endOffsets: (
    partitions: ReadonlyArray<TopicPartition>
  ) => Effect.Effect<ReadonlyArray<OffsetAndMetadata>, ConsumerError>
  /** The first record at or after a time (milliseconds), left out where there is none. */
  readonly offsetsForTimes: (
    times: ReadonlyArray<TopicPartition & { readonly timestamp: number }>
  ) => Effect.Effect<ReadonlyArray<OffsetAndMetadata & { readonly timestamp: number }>, ConsumerError>
  /** Asks for a rebalance: the member joins again at the next `poll`. */
  readonly enforceRebalance: () => void
  /** Says what closing does to the membership; by default a member leaves, and one with a `groupInstanceId` remains. */
  readonly onClose: (operation: GroupMembershipOperation) => void
}
