/**
 * DeleteRecords (key 21): gives up the records before an offset (KIP-107).
 *
 * As Kafka: -1 means up to the high watermark; topics that are only compacted, and internal ones, are refused.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { DeleteRecordsRequest, DeleteRecordsResponse } from "@millrace/core/protocol/messages/DeleteRecords"
import * as Effect from "effect/Effect"
import * as TopicName from "../coordination/controller/TopicName.ts"
import type { Partition } from "../replication/Partition.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

const problemOf = (topic: string, partition: Partition | undefined): number => {
  if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if (TopicName.internalTopics.has(topic)) return ErrorCode.INVALID_TOPIC_EXCEPTION
  return partition.config.delete ? 0 : ErrorCode.POLICY_VIOLATION
}

/**
 * The handler of DeleteRecords.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DeleteRecordsRequest,
  DeleteRecordsResponse,
  Effect.map(ReplicaManager, (replicas) => (request) => {
    const deleteBefore = (topic: string, partitionIndex: number, offset: number) => {
      const refused = (errorCode: number) => ({ partitionIndex, lowWatermark: -1, errorCode })
      const partition = replicas.get(topic, partitionIndex)
      const problem = problemOf(topic, partition)
      if (partition === undefined || problem !== 0) return Effect.succeed(refused(problem))
      return Effect.match(partition.deleteRecords(offset), {
        onSuccess: (lowWatermark) => ({ partitionIndex, lowWatermark, errorCode: 0 }),
        onFailure: ({ code }) => refused(code)
      })
    }
    return Effect.map(
      Effect.forEach(request.topics, ({ name, partitions }) =>
        Effect.map(
          Effect.forEach(partitions, ({ offset, partitionIndex }) => deleteBefore(name, partitionIndex, offset)),
          (answered) => ({ name, partitions: answered })
        )),
      (topics) => ({ throttleTimeMs: 0, topics })
    )
  })
)
