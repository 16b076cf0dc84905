/**
 * InitProducerId for a transactional id: who the producer is from now on, and that nobody else is.
 *
 * Keeps true: every call without a known producer ends all earlier producers of the id; an ongoing transaction of theirs is
 * aborted first. A call that names the present producer, or is a retry of one that did, is the same producer's.
 * Leaves to others: bounds of the request (`TransactionCoordinator`), producer ids (the caller asks again with a new one).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { answer, complete, type Ticket } from "../shard/ShardDecision.ts"
import { done, failed, fence, type ProducerAnswer } from "./EndTransaction.ts"
import type { Transaction } from "./Transaction.ts"
import { isEpochExhausted, none, noPartitions, transition } from "./Transaction.ts"
import type { TransactionDecision, TransactionState } from "./TransactionState.ts"
import { lastEpochOf } from "./TransactionState.ts"

/**
 * An InitProducerId. `expected` is the producer that the caller takes itself for; `newProducerId` is -1 unless one was
 * asked for.
 *
 * @since 0.1.0
 */
export interface InitInput {
  readonly transactionalId: string
  readonly timeoutMs: number
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | null
  readonly newProducerId: number
}

/**
 * Decides an InitProducerId.
 *
 * @since 0.1.0
 */
export const init = (
  state: TransactionState,
  input: InitInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  const found = state.transactions.get(input.transactionalId)
  if (found === undefined && input.newProducerId === none) return answer(ticket, { type: "NeedsProducerId" })
  const transaction = found ?? created(input, now)
  if (!isExpected(transaction, input)) return answer(ticket, failed(ErrorCode.PRODUCER_FENCED))
  switch (transaction.status) {
    case "PrepareCommit":
    case "PrepareAbort":
      return answer(ticket, failed(ErrorCode.CONCURRENT_TRANSACTIONS))
    case "Ongoing": {
      // The caller comes again, and gets an epoch when the transaction is aborted.
      const fenced = fence(transaction, now)
      return { ...fenced, completions: [complete(ticket, failed(ErrorCode.CONCURRENT_TRANSACTIONS))] }
    }
    default:
      return begin(state, transaction, input, now, ticket)
  }
}

const created = ({ newProducerId, timeoutMs, transactionalId }: InitInput, now: number): Transaction => ({
  transactionalId,
  producerId: newProducerId,
  previousProducerId: none,
  nextProducerId: none,
  producerEpoch: none,
  timeoutMs,
  status: "Empty",
  partitions: noPartitions,
  startTimestampMs: none,
  lastUpdateTimestampMs: now,
  clientTransactionVersion: 0
})

/** Whether the caller is, or may be, the present producer: its epoch is looked at when a new one is given. */
const isExpected = (transaction: Transaction, { expected }: InitInput): boolean =>
  expected === null || transaction.producerEpoch === none || expected.producerId === transaction.producerId ||
  (expected.producerId === transaction.previousProducerId && isEpochExhausted(expected.producerEpoch))

const begin = (
  state: TransactionState,
  transaction: Transaction,
  input: InitInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  const { expected, newProducerId, timeoutMs, transactionalId } = input
  const { producerEpoch, producerId } = transaction
  const isPresent = expected === null || expected.producerEpoch === producerEpoch
  if (isEpochExhausted(producerEpoch) && isPresent) {
    if (newProducerId === none) return answer(ticket, { type: "NeedsProducerId" })
    return store(transaction, newProducerId, 0, expected === null ? none : producerEpoch, timeoutMs, now, ticket)
  }
  if (producerEpoch === none || isPresent) {
    return store(
      transaction,
      producerId,
      producerEpoch + 1,
      expected === null ? none : producerEpoch,
      timeoutMs,
      now,
      ticket
    )
  }
  // The answer to an earlier call has been lost: it is given again.
  const isRetry = expected.producerEpoch === lastEpochOf(state, transactionalId)
  if (!isRetry) return answer(ticket, failed(ErrorCode.PRODUCER_FENCED))
  return store(transaction, producerId, producerEpoch, expected.producerEpoch, timeoutMs, now, ticket)
}

const store = (
  transaction: Transaction,
  producerId: number,
  producerEpoch: number,
  lastEpoch: number,
  timeoutMs: number,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  const { transactionalId } = transaction
  const empty = transition(transaction, {
    status: "Empty",
    producerId,
    producerEpoch,
    timeoutMs,
    partitions: noPartitions,
    startTimestampMs: none
  }, now)
  return {
    ...answer(ticket, done(producerId, producerEpoch)),
    events: [{ type: "Stored", transaction: empty }, { type: "LastEpoch", transactionalId, epoch: lastEpoch }]
  }
}
