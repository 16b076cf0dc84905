/**
 * How batches become Produce requests, and what the answers say of each; how a producer gets its id.
 *
 * Leaves to others: when to send, and what becomes of a batch (`Sender`).
 *
 * @since 0.1.0
 */
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type { ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import * as Apis from "../cluster/Apis.ts"
import { canRetry, type Cluster, type RequestError } from "../cluster/Cluster.ts"
import type { ClusterMetadata } from "../cluster/ClusterMetadata.ts"
import * as Retry from "../cluster/Retry.ts"
import { keyOf } from "../cluster/TopicPartition.ts"
import { apiTimeoutMs } from "../limits.ts"
import type { Batch } from "./Accumulator.ts"

/**
 * What a broker says of one batch.
 *
 * @since 0.1.0
 */
export type PartitionAnswer = ProduceResponse["responses"][number]["partitionResponses"][number]

const topicId = (metadata: ClusterMetadata, topic: string): string => metadata.topics.get(topic)?.topicId ?? Uuid.zero

/**
 * Whether all topics can be named by their ids.
 *
 * @since 0.1.0
 */
export const haveIds = (metadata: ClusterMetadata, batches: ReadonlyArray<Batch>): boolean =>
  batches.every(({ queue }) => topicId(metadata, queue.topic) !== Uuid.zero)

/**
 * The batches, which have their bytes, as the request of a version has them.
 *
 * @since 0.1.0
 */
export const topicData = (metadata: ClusterMetadata, batches: ReadonlyArray<Batch>, version: number) => {
  const topics = new Map<string, Array<{ index: number; records: Uint8Array }>>()
  for (const { bytes, queue } of batches) {
    const data = { index: queue.partition, records: bytes! }
    const known = topics.get(queue.topic)
    if (known === undefined) topics.set(queue.topic, [data])
    else known.push(data)
  }
  return [...topics].map(([name, partitionData]) =>
    version >= 13 ? { topicId: topicId(metadata, name), partitionData } : { name, partitionData }
  )
}

/**
 * What an answer says of each partition, by `keyOf`.
 *
 * @since 0.1.0
 */
export const answers = (
  metadata: ClusterMetadata,
  response: ProduceResponse
): ReadonlyMap<string, PartitionAnswer> => {
  const found = new Map<string, PartitionAnswer>()
  for (const topic of response.responses) {
    const name = topic.name === "" ? metadata.topicName(topic.topicId) : topic.name
    if (name === undefined) continue
    for (const answer of topic.partitionResponses) found.set(keyOf(name, answer.index), answer)
  }
  return found
}

/**
 * Asks any broker for the id of a producer without transactions, for `apiTimeoutMs` at most.
 *
 * @since 0.1.0
 */
export const producerId = (cluster: Cluster["Service"]) =>
  Effect.flatMap(
    cluster.anyNode,
    (nodeId) => cluster.call(nodeId, Apis.initProducerId, { transactionalId: null, transactionTimeoutMs: 0x7fffffff })
  ).pipe(
    Effect.flatMap((response) =>
      KafkaError.isError(response.errorCode)
        ? Effect.fail(KafkaError.fromCode(response.errorCode))
        : Effect.succeed(response)
    ),
    Retry.retry<RequestError>({ while: canRetry, timeoutMs: apiTimeoutMs })
  )
