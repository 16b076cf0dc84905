/**
 * `ConsumerCore`, put together.
 *
 * Leaves to others: the work (`PollEngine`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import { Compression } from "@millrace/core/records/Compression"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Cluster } from "../cluster/Cluster.ts"
import * as OffsetRequests from "../cluster/OffsetRequests.ts"
import type { TopicPartition } from "../cluster/TopicPartition.ts"
import type { Assignor, LastAssignment } from "./assignor/Assignor.ts"
import { range } from "./assignor/Range.ts"
import { cooperativeSticky } from "./assignor/Sticky.ts"
import type { ConsumerCore, GroupAssignor, GroupMembershipOperation, RebalanceListener } from "./ConsumerCore.ts"
import * as ConsumerOptions from "./ConsumerOptions.ts"
import { PartitionState } from "./PartitionState.ts"

import { PollEngine } from "./PollEngine.ts"

/**
 * Options of a core: a consumer's, and who takes part in its rebalances.
 *
 * @since 0.1.0
 */
export interface Options<E = never, R = never> extends ConsumerOptions.Options {
  /** Kafka's default: range, and cooperative-sticky as soon as all members have it. */
  readonly assignors?: ReadonlyArray<GroupAssignor<E, R>> | undefined
  readonly listener?: RebalanceListener<E, R> | undefined
  /** Where to begin in partitions of some topics, whatever `autoOffsetReset` says of the others. */
  readonly offsetResetOf?: ((topic: string) => ConsumerOptions.ResetPolicy | undefined) | undefined
}

/**
 * One of Kafka's assignors, for one consumer: it remembers what the consumer was given last.
 *
 * @since 0.1.0
 */
export const fromAssignor = (assignor: Assignor): GroupAssignor => {
  let last: LastAssignment | null = null
  return {
    name: assignor.name,
    protocols: assignor.protocols,
    userData: Effect.sync(() => assignor.userData(last)),
    assign: ({ members, topics }) =>
      Effect.sync(() =>
        new Map(
          [...assignor.assign(topics, members)].map(([memberId, partitions]) =>
            [memberId, { partitions, userData: null }] as const
          )
        )
      ),
    onAssignment: ({ partitions }, generationId) =>
      Effect.sync(() => {
        last = { partitions, generationId }
      })
  }
}

/**
 * Starts a consumer in the scope. Closing the scope leaves the group (unless `onClose` says otherwise), without callbacks:
 * commit before.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<E = never, R = never>(
  cluster: Cluster["Service"],
  options: Options<E, R>
) {
  const codecs = yield* Compression
  const lane = yield* cluster.lane
  const groupLane = yield* cluster.lane
  const scope = yield* Scope.fork(yield* Effect.scope)
  const settings = ConsumerOptions.resolve(options, options.offsetResetOf)
  const now = yield* MonotonicTime.millis
  const assignors = options.assignors ?? [fromAssignor(range), fromAssignor(cooperativeSticky)]
  const listener = options.listener ?? {}
  const engine = new PollEngine<E, R>({ cluster, lane, groupLane, scope, codecs, settings, assignors, listener, now })
  let operation: GroupMembershipOperation = settings.groupInstanceId === null ? "LEAVE_GROUP" : "REMAIN_IN_GROUP"
  yield* Effect.addFinalizer(() =>
    operation === "LEAVE_GROUP" && engine.member !== undefined ? engine.member.leave : Effect.void
  )
  return toCore(engine, (closing) => void (operation = closing))
})

const toCore = <E, R>(
  engine: PollEngine<E, R>,
  onClose: ConsumerCore<E, R>["onClose"]
): ConsumerCore<E, R> => {
  const each = (partitions: ReadonlyArray<TopicPartition>, change: (state: PartitionState) => void) => {
    for (const one of partitions) change(engine.state(one))
  }
  return {
    subscribe: (topics) => engine.subscribe(topics),
    assign: (partitions) => engine.assign(partitions),
    poll: (maxWaitMs, onChunks) => engine.poll(maxWaitMs, onChunks),
    assignment: () => engine.owned(),
    position: (one) => {
      const state = engine.state(one)
      return state.hasPosition ? state.position : undefined
    },
    seek: (one, offset, leaderEpoch) => engine.state(one).seek(offset, leaderEpoch ?? -1),
    seekToBeginning: (partitions) => each(partitions, (state) => void state.reset("earliest")),
    seekToEnd: (partitions) => each(partitions, (state) => void state.reset("latest")),
    seekByDuration: (partitions, byDurationMs) => each(partitions, (state) => void state.reset({ byDurationMs })),
    pause: (partitions) =>
      each(partitions, (state) => {
        state.isPaused = true
      }),
    resume: (partitions) =>
      each(partitions, (state) => {
        state.isPaused = false
      }),
    paused: () =>
      [...engine.partitions.values()].filter((state) => state.isPaused).map(({ partition, topic }) => ({
        topic,
        partition
      })),
    committed: (partitions) => engine.committed(partitions),
    commit: (offsets) => engine.commit(offsets),
    groupMetadata: () => engine.identity(),
    watermarks: (one) => engine.state(one).watermarks,
    lag: (one) => {
      const { hasPosition, position, watermarks } = engine.state(one)
      if (watermarks === undefined || !hasPosition) return undefined
      const end = engine.settings.readCommitted ? watermarks.lastStableOffset : watermarks.highWatermark
      return Math.max(0, end - position)
    },
    beginningOffsets: (partitions) => engine.ends(partitions, OffsetRequests.Timestamp.earliest),
    endOffsets: (partitions) => engine.ends(partitions, OffsetRequests.Timestamp.latest),
    offsetsForTimes: (times) => Effect.map(engine.times(times), (listed) => listed.filter((one) => one.offset >= 0)),
    enforceRebalance: () => engine.enforceRebalance(),
    onClose
  }
}
