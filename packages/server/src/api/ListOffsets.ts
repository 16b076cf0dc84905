/**
 * ListOffsets (key 2): the first, the last, or the first offset at or after a timestamp.
 *
 * As Kafka: special timestamps are refused below the version that brought them; nothing is tiered here, so the local log is
 * all there is; a partition named twice is refused. KIP-79, KIP-207, KIP-734, KIP-405, KIP-1005.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import { ListOffsetsRequest, ListOffsetsResponse } from "@millrace/core/protocol/messages/ListOffsets"
import * as Effect from "effect/Effect"
import type { Isolation, Partition, PartitionError, TimestampOffset } from "../replication/Partition.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

type PartitionRequest = ListOffsetsRequest["topics"][number]["partitions"][number]
type PartitionResponse = Message.Input<typeof ListOffsetsResponse>["topics"][number]["partitions"][number]

/** Timestamps that stand for something else, and the first version that knows them. */
const latest = -1
const earliest = -2
const maxTimestamp = -3
const earliestLocal = -4
const latestTiered = -5
const earliestPendingUpload = -6
const since: { readonly [timestamp: number]: number } = {
  [latest]: 1,
  [earliest]: 1,
  [maxTimestamp]: 7,
  [earliestLocal]: 8,
  [latestTiered]: 9,
  [earliestPendingUpload]: 11
}

const none: TimestampOffset = { timestamp: -1, offset: -1, leaderEpoch: -1 }

const isolationOf = ({ isolationLevel, replicaId }: ListOffsetsRequest): Isolation =>
  // A follower, and whoever debugs (-2), sees the end of the log.
  replicaId !== -1 ? "log_end" : isolationLevel === 1 ? "read_committed" : "read_uncommitted"

/** The offset behind the last record that such a reader sees. */
const visibleEnd = (partition: Partition, isolation: Isolation): number =>
  isolation === "log_end"
    ? partition.logEndOffset
    : isolation === "read_committed"
    ? partition.lastStableOffset
    : partition.highWatermark

const lookUp = (
  partition: Partition,
  { currentLeaderEpoch, timestamp }: PartitionRequest,
  isolation: Isolation
): Effect.Effect<TimestampOffset, PartitionError> => {
  switch (timestamp) {
    case latest:
      return partition.latestOffset(isolation, currentLeaderEpoch)
    case earliest:
    case earliestLocal:
      return partition.earliestOffset(currentLeaderEpoch)
    case maxTimestamp:
      return Effect.map(
        partition.maxTimestampOffset(currentLeaderEpoch),
        (found) => found.offset < visibleEnd(partition, isolation) ? found : none
      )
    case latestTiered:
    case earliestPendingUpload:
      return Effect.succeed(none)
    default:
      return partition.offsetForTimestamp(timestamp, isolation, currentLeaderEpoch)
  }
}

const responseOf = (
  partitionIndex: number,
  errorCode: number,
  { leaderEpoch, offset, timestamp }: TimestampOffset,
  version: number
): PartitionResponse => ({ partitionIndex, errorCode, timestamp, offset, ...(version >= 4 && { leaderEpoch }) })

/**
 * The handler of ListOffsets.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  ListOffsetsRequest,
  ListOffsetsResponse,
  Effect.map(ReplicaManager, (replicas) => (request, { version }) => {
    const isolation = isolationOf(request)
    const answer = (topic: string, asked: PartitionRequest): Effect.Effect<PartitionResponse> => {
      const { partitionIndex, timestamp } = asked
      const refused = (code: number) => Effect.succeed(responseOf(partitionIndex, code, none, version))
      if (timestamp < 0 && !((since[timestamp] ?? Infinity) <= version)) return refused(ErrorCode.UNSUPPORTED_VERSION)
      const partition = replicas.get(topic, partitionIndex)
      if (partition === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      return Effect.matchEffect(lookUp(partition, asked, isolation), {
        onSuccess: (found) => Effect.succeed(responseOf(partitionIndex, 0, found, version)),
        onFailure: (error) => refused(error.code)
      })
    }
    return Effect.map(
      Effect.forEach(request.topics, ({ name, partitions }) => {
        const seen = new Map<number, number>()
        for (const { partitionIndex } of partitions) seen.set(partitionIndex, (seen.get(partitionIndex) ?? 0) + 1)
        const once = partitions.filter(({ partitionIndex }) => seen.get(partitionIndex) === 1)
        const twice = [...seen].filter(([, count]) => count > 1).map(([index]) =>
          responseOf(index, ErrorCode.INVALID_REQUEST, none, version)
        )
        return Effect.map(Effect.forEach(once, (asked) => answer(name, asked)), (answered) => ({
          name,
          partitions: [...answered, ...twice]
        }))
      }),
      (topics) => ({ throttleTimeMs: 0, topics })
    )
  })
)
