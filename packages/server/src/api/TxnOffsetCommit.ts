/**
 * TxnOffsetCommit (key 28): stores, as part of a transaction, how far a group has read (KIP-98, KIP-447, KIP-890).
 *
 * As Kafka: the partition of `__consumer_offsets` must be in the transaction; from version 5 on it is added here.
 *
 * @since 0.1.0
 */
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { consumerOffsetsTopic } from "../coordination/shard/TopicDirectory.ts"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

const refusedAll = ({ topics }: TxnOffsetCommitRequest, errorCode: number): TxnOffsetCommitResponse => ({
  throttleTimeMs: 0,
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
  }))
})

/**
 * The handler of TxnOffsetCommit.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
  Effect.gen(function*() {
    const groups = yield* GroupCoordinator
    const transactions = yield* TransactionCoordinator
    return Effect.fnUntraced(function*(request, context) {
      const { groupId, producerEpoch, producerId, transactionalId } = request
      const partition = groups.partitionFor(groupId)
      if (partition !== undefined) {
        const operation = context.version >= 5 ? "add" : context.version === 4 ? "abortable" : "default"
        const topics = [{ name: consumerOffsetsTopic, partitions: [partition] }]
        const verified = yield* transactions.verify({ transactionalId, producerId, producerEpoch, operation, topics })
        const refusal = verified.find(({ errorCode }) => errorCode !== 0)
        if (refusal !== undefined) return refusedAll(request, refusal.errorCode)
      }
      return yield* groups.txnOffsetCommit(request, coordinatorContext(context))
    })
  })
)
