/**
 * Tells the partitions of a transaction how it ended, until all know; then the transaction is complete.
 *
 * Keeps true: a transaction becomes complete only when every partition has its marker, or is gone, or has seen a newer epoch.
 * Leaves to others: writing markers (`MarkerSender`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Effect from "effect/Effect"
import * as limits from "../../limits.ts"
import type { Shard } from "../shard/Shard.ts"
import type { TopicDirectory } from "../shard/TopicDirectory.ts"
import { markersWritten } from "./EndTransaction.ts"
import type { Marker, MarkerResult, MarkerSender } from "./MarkerSender.ts"
import type { Transaction } from "./Transaction.ts"
import type { TransactionEvent } from "./TransactionEvent.ts"
import { markerVersionOf, type SendMarkers, type TransactionState, type TransactionTimer } from "./TransactionState.ts"

/**
 * A partition of `__transaction_state`.
 *
 * @since 0.1.0
 */
export type TransactionShard = Shard<TransactionState, TransactionEvent, TransactionTimer, SendMarkers>

/** Partitions by topic that have no marker yet. */
type Missing = Map<string, Set<number>>

/**
 * Ends a prepared transaction. Runs until that is done, or the shard ends.
 *
 * @since 0.1.0
 */
export const deliver = Effect.fnUntraced(function*(
  transaction: Transaction,
  shard: TransactionShard,
  sender: MarkerSender["Service"],
  topics: TopicDirectory["Service"]
) {
  const missing: Missing = new Map()
  for (const [topic, partitions] of transaction.partitions) missing.set(topic, new Set(partitions))
  for (
    let backoffMs = limits.markerRetryBackoffMs;;
    backoffMs = Math.min(2 * backoffMs, limits.markerRetryBackoffMaxMs)
  ) {
    if (missing.size > 0) {
      const results = yield* sender.send(markerOf(transaction, missing, shard.leaderEpoch))
      if (results.some(({ errorCode }) => errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED)) {
        return yield* Effect.logWarning(`${name(transaction)} is ended by a newer coordinator`)
      }
      for (const result of results) if (isDone(result, topics)) tick(missing, result)
    }
    if (missing.size === 0) {
      const written = yield* Effect.result(
        shard.submit<void>((state, now, ticket) => markersWritten(state, transaction, now, ticket))
      )
      if (written._tag === "Success") return
    }
    yield* Effect.sleep(backoffMs)
  }
})

const name = ({ transactionalId }: Transaction): string => `transaction ${JSON.stringify(transactionalId)}`

const markerOf = (transaction: Transaction, missing: Missing, coordinatorEpoch: number): Marker => ({
  producerId: transaction.producerId,
  producerEpoch: transaction.producerEpoch,
  transactionResult: transaction.status === "PrepareCommit",
  topics: [...missing].map(([topic, partitions]) => ({ name: topic, partitionIndexes: [...partitions] })),
  coordinatorEpoch,
  transactionVersion: markerVersionOf(transaction)
})

const isDone = ({ errorCode, partition, topic }: MarkerResult, topics: TopicDirectory["Service"]): boolean => {
  switch (errorCode) {
    case ErrorCode.NONE:
    // A newer epoch of the producer has written there: its transaction ends what this one left.
    case ErrorCode.INVALID_PRODUCER_EPOCH:
      return true
    default:
      // Nobody is left to be told.
      return partition >= topics.partitionCount(topic)
  }
}

const tick = (missing: Missing, { partition, topic }: MarkerResult): void => {
  const partitions = missing.get(topic)
  partitions?.delete(partition)
  if (partitions?.size === 0) missing.delete(topic)
}
