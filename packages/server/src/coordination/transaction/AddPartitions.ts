/**
 * AddPartitionsToTxn, AddOffsetsToTxn and verification: which partitions a transaction writes to.
 *
 * Keeps true: only the present producer adds partitions, and none while an earlier transaction's markers are on their way.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { answer, type Ticket } from "../shard/ShardDecision.ts"
import * as Expiry from "./Expiry.ts"
import type { TopicPartitions, Transaction } from "./Transaction.ts"
import { includesAll, isPrepared, transition, union } from "./Transaction.ts"
import type { TransactionConfig } from "./TransactionConfig.ts"
import type { TransactionDecision, TransactionState } from "./TransactionState.ts"

/**
 * Partitions to add, or to ask about.
 *
 * @since 0.1.0
 */
export interface AddInput {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly partitions: TopicPartitions
  readonly transactionVersion: number
}

const refusalOf = (transaction: Transaction | undefined, input: AddInput): number => {
  if (input.transactionalId === "") return ErrorCode.INVALID_REQUEST
  if (transaction === undefined || transaction.producerId !== input.producerId) {
    return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  }
  if (transaction.producerEpoch !== input.producerEpoch) return ErrorCode.PRODUCER_FENCED
  return isPrepared(transaction) ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE
}

/**
 * Decides whether partitions are added; the answer is an error code for all of them.
 *
 * @since 0.1.0
 */
export const add = (
  state: TransactionState,
  input: AddInput,
  now: number,
  config: TransactionConfig,
  ticket: Ticket<number>
): TransactionDecision => {
  const transaction = state.transactions.get(input.transactionalId)
  const refusal = refusalOf(transaction, input)
  if (refusal !== ErrorCode.NONE) return answer(ticket, refusal)
  const current = transaction!
  const isOngoing = current.status === "Ongoing"
  const known = isOngoing && includesAll(current.partitions, input.partitions)
  const decision = answer(ticket, ErrorCode.NONE)
  if (known) return decision
  const ongoing = transition(current, {
    status: "Ongoing",
    partitions: union(current.partitions, input.partitions),
    startTimestampMs: isOngoing ? current.startTimestampMs : now,
    clientTransactionVersion: input.transactionVersion
  }, now)
  return {
    ...decision,
    events: [{ type: "Stored", transaction: ongoing }],
    timers: isOngoing ? [] : [Expiry.begunTimer(ongoing, now, config)]
  }
}

/**
 * Answers whether a partition is in the transaction: an error code for each, or one for all.
 *
 * @since 0.1.0
 */
export const verify = (
  state: TransactionState,
  input: AddInput
): (topic: string, partition: number) => number => {
  const transaction = state.transactions.get(input.transactionalId)
  const refusal = refusalOf(transaction, input)
  if (refusal !== ErrorCode.NONE) return () => refusal
  const { partitions } = transaction!
  return (topic, partition) =>
    partitions.get(topic)?.includes(partition) === true ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
}
