/**
 * DescribeProducers (key 61): the idempotent and transactional producers that partitions remember (KIP-664).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { DescribeProducersRequest, DescribeProducersResponse } from "@millrace/core/protocol/messages/DescribeProducers"
import * as Effect from "effect/Effect"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of DescribeProducers.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeProducersRequest,
  DescribeProducersResponse,
  Effect.map(ReplicaManager, (replicas) => (request) =>
    Effect.sync(() => {
      const describe = (topic: string, partitionIndex: number) => {
        const partition = replicas.get(topic, partitionIndex)
        if (partition === undefined) {
          return {
            partitionIndex,
            errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            errorMessage: "This server does not host this topic-partition.",
            activeProducers: []
          }
        }
        return {
          partitionIndex,
          errorCode: 0,
          errorMessage: null,
          activeProducers: partition.activeProducers().map(({ currentTransactionStartOffset, ...producer }) => ({
            ...producer,
            currentTxnStartOffset: currentTransactionStartOffset
          }))
        }
      }
      const topics = request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => describe(name, index))
      }))
      return { throttleTimeMs: 0, topics }
    }))
)
