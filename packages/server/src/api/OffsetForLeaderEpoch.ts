/**
 * OffsetForLeaderEpoch (key 23): where a leader's epoch ended, so that readers notice a truncated log (KIP-101, KIP-320).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
} from "@millrace/core/protocol/messages/OffsetForLeaderEpoch"
import * as Effect from "effect/Effect"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

type PartitionRequest = OffsetForLeaderEpochRequest["topics"][number]["partitions"][number]

/**
 * The handler of OffsetForLeaderEpoch.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  Effect.map(ReplicaManager, (replicas) => (request) => {
    const answer = (topic: string, { currentLeaderEpoch, leaderEpoch, partition: index }: PartitionRequest) => {
      const refused = (errorCode: number) => ({ errorCode, partition: index, leaderEpoch: -1, endOffset: -1 })
      const partition = replicas.get(topic, index)
      if (partition === undefined) return Effect.succeed(refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
      return Effect.match(partition.endOffsetForEpoch(leaderEpoch, currentLeaderEpoch), {
        onSuccess: ({ endOffset, epoch }) => ({ errorCode: 0, partition: index, leaderEpoch: epoch, endOffset }),
        onFailure: ({ code }) => refused(code)
      })
    }
    return Effect.map(
      Effect.forEach(
        request.topics,
        ({ partitions, topic }) =>
          Effect.map(Effect.forEach(partitions, (asked) => answer(topic, asked)), (answered) => ({
            topic,
            partitions: answered
          }))
      ),
      (topics) => ({ throttleTimeMs: 0, topics })
    )
  })
)
