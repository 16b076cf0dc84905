/**
 * TxnOffsetCommit (key 28): stores, as part of a transaction, how far a group has read (KIP-98, KIP-447, KIP-890).
 *
 * As Kafka: the partition of `__consumer_offsets` must be in the transaction; from version 5 on it is added here. That is
 * asked once in a transaction, and holds until the offsets are written.
 *
 * @since 0.1.0
 */
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { consumerOffsetsTopic } from "../coordination/shard/TopicDirectory.ts"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import * as Handler from "./Handler.ts"

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
    return (request, { version }) => {
      const { producerEpoch, producerId, transactionalId } = request
      const operation = version >= 5 ? "add" : version === 4 ? "abortable" : "default"
      const vouch = (partition: number) => {
        const topics = [{ name: consumerOffsetsTopic, partitions: [partition] }]
        return Effect.map(
          transactions.verify({ transactionalId, producerId, producerEpoch, operation, topics }),
          (verified) => verified.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0
        )
      }
      return groups.txnOffsetCommit(request, vouch)
    }
  })
)
