/**
 * DescribeTransactions and ListTransactions, each for the transactions of one partition.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { DescribeTransactionsResponse } from "@millrace/core/protocol/messages/DescribeTransactions"
import type {
  ListTransactionsRequest,
  ListTransactionsResponse
} from "@millrace/core/protocol/messages/ListTransactions"
import type { Transaction } from "./Transaction.ts"
import { statuses } from "./Transaction.ts"
import type { TransactionState } from "./TransactionState.ts"

type Described = DescribeTransactionsResponse["transactionStates"][number]
type Listed = ListTransactionsResponse["transactionStates"][number]

/**
 * A transaction for DescribeTransactions.
 *
 * @since 0.1.0
 */
export const describe = (state: TransactionState, transactionalId: string): Described => {
  const transaction = state.transactions.get(transactionalId)
  if (transaction === undefined) return undescribed(transactionalId, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: transaction.status,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startTimestampMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: [...transaction.partitions].map(([topic, partitions]) => ({ topic, partitions }))
  }
}

/**
 * A transaction that cannot be described.
 *
 * @since 0.1.0
 */
export const undescribed = (transactionalId: string, errorCode: number): Described => ({
  errorCode,
  transactionalId,
  transactionState: "",
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: []
})

/**
 * The states of a request's filter that do not exist.
 *
 * @since 0.1.0
 */
export const unknownStates = (request: ListTransactionsRequest): ReadonlyArray<string> =>
  request.stateFilters.filter((name) => !statuses.some((status) => status === name))

/**
 * The transactions that pass a request's filters; `matches` is its pattern.
 *
 * @since 0.1.0
 */
export const list = (
  state: TransactionState,
  request: ListTransactionsRequest,
  matches: (transactionalId: string) => boolean,
  now: number
): ReadonlyArray<Listed> => {
  const { durationFilter, producerIdFilters, stateFilters } = request
  const passes = (transaction: Transaction): boolean =>
    (producerIdFilters.length === 0 || producerIdFilters.includes(transaction.producerId)) &&
    (stateFilters.length === 0 || stateFilters.includes(transaction.status)) &&
    (durationFilter < 0 || now - transaction.startTimestampMs > durationFilter) &&
    matches(transaction.transactionalId)
  const listed: Array<Listed> = []
  for (const transaction of state.transactions.values()) {
    if (!passes(transaction)) continue
    const { producerId, status, transactionalId } = transaction
    listed.push({ transactionalId, producerId, transactionState: status })
  }
  return listed
}
