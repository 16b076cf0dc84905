/**
 * The end of transactions: EndTxn, fencing, timeouts, and what happens when all partitions know.
 *
 * Keeps true: only the present epoch ends a transaction; the retry of an EndTxn gets the same answer. With TV2 the epoch grows
 * with the end, so that nothing of the old transaction can come later; when epochs are used up the producer gets a new
 * id with the completion.
 * Leaves to others: sending markers (`Markers`), producer ids (the caller asks again with a new one).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { answer, nothing, type Ticket } from "../shard/ShardDecision.ts"
import type { Transaction } from "./Transaction.ts"
import {
  epochLast,
  isEpochExhausted,
  isPrepared,
  none,
  noPartitions,
  transactionVersion2,
  transition
} from "./Transaction.ts"
import type { TransactionDecision, TransactionState } from "./TransactionState.ts"

/**
 * Who the producer is from now on, or why not.
 *
 * @since 0.1.0
 */
export interface ProducerDone {
  readonly type: "Done"
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * The answer to what may change a producer. `NeedsProducerId`: nothing was decided, for want of a new producer id.
 *
 * @since 0.1.0
 */
export type ProducerAnswer = ProducerDone | { readonly type: "NeedsProducerId" }

/**
 * An answer that is an error.
 *
 * @since 0.1.0
 */
export const failed = (errorCode: number): ProducerDone => ({
  type: "Done",
  errorCode,
  producerId: none,
  producerEpoch: none
})

/**
 * An answer that tells the producer who it is.
 *
 * @since 0.1.0
 */
export const done = (producerId: number, producerEpoch: number): ProducerDone => ({
  type: "Done",
  errorCode: ErrorCode.NONE,
  producerId,
  producerEpoch
})

/**
 * An EndTxn. `newProducerId` is -1 unless one was asked for.
 *
 * @since 0.1.0
 */
export interface EndInput {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  readonly transactionVersion: number
  readonly newProducerId: number
}

type End = (
  state: TransactionState,
  input: EndInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
) => TransactionDecision

/**
 * Decides an EndTxn.
 *
 * @since 0.1.0
 */
export const end: End = (state, input, now, ticket) => {
  if (input.transactionalId === "") return answer(ticket, failed(ErrorCode.INVALID_REQUEST))
  const transaction = state.transactions.get(input.transactionalId)
  if (transaction === undefined) return answer(ticket, failed(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
  return input.transactionVersion >= transactionVersion2
    ? endBumping(transaction, input, now, ticket)
    : endKeeping(transaction, input, now, ticket)
}

/** TV1: the epoch stays, so a retry cannot be told from a second end. */
const endKeeping = (
  transaction: Transaction,
  input: EndInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  if (transaction.producerId !== input.producerId) {
    return answer(ticket, failed(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
  }
  if (transaction.producerEpoch !== input.producerEpoch) return answer(ticket, failed(ErrorCode.PRODUCER_FENCED))
  if (transaction.status === "Ongoing") return prepare(transaction, input, now, ticket)
  return answer(ticket, afterEnd(transaction, input))
}

/** The answer to an end that has happened already: the same if it is the same end, otherwise there is no such edge. */
const afterEnd = (transaction: Transaction, { committed }: EndInput): ProducerAnswer => {
  switch (transaction.status) {
    case committed ? "CompleteCommit" : "CompleteAbort":
      return done(transaction.producerId, transaction.producerEpoch)
    case committed ? "PrepareCommit" : "PrepareAbort":
      return failed(ErrorCode.CONCURRENT_TRANSACTIONS)
    default:
      return failed(ErrorCode.INVALID_TXN_STATE)
  }
}

/** TV2: the epoch grows, so a retry is known by the epoch before. */
const endBumping = (
  transaction: Transaction,
  input: EndInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  const { producerEpoch, producerId } = input
  const isOverflowRetry = transaction.previousProducerId === producerId && isEpochExhausted(producerEpoch) &&
    transaction.producerEpoch === 0
  // An epoch that is one ahead means an end only if that end has bumped it.
  const hasBumped = transaction.clientTransactionVersion >= transactionVersion2
  const isRetry = hasBumped && (isOverflowRetry ||
    (transaction.producerId === producerId && transaction.producerEpoch === producerEpoch + 1))
  if (transaction.producerId !== producerId && !isOverflowRetry) {
    return answer(ticket, failed(ErrorCode.INVALID_PRODUCER_ID_MAPPING))
  }
  const isComplete = transaction.status === "CompleteCommit" || transaction.status === "CompleteAbort"
  const isCurrent = transaction.producerEpoch === producerEpoch
  const isValid = isPrepared(transaction) ? isRetry : isCurrent || (isComplete && isRetry)
  // A coordinator that aborted the transaction itself may have used up the last epoch: only a new producer goes on.
  const isOver = isComplete && transaction.producerEpoch > epochLast
  if (!isValid || isOver) return answer(ticket, failed(ErrorCode.PRODUCER_FENCED))
  if (isRetry) return answer(ticket, afterEnd(transaction, input))
  if (transaction.status !== "Ongoing" && input.committed) {
    return answer(ticket, failed(ErrorCode.INVALID_TXN_STATE))
  }
  if (isEpochExhausted(transaction.producerEpoch) && input.newProducerId === none) {
    return answer(ticket, { type: "NeedsProducerId" })
  }
  return prepare(transaction, input, now, ticket)
}

/** Stores the end, tells the producer who it is from now on, and then the partitions. */
const prepare = (
  transaction: Transaction,
  input: EndInput,
  now: number,
  ticket: Ticket<ProducerAnswer>
): TransactionDecision => {
  const bumps = input.transactionVersion >= transactionVersion2
  const isOverflow = bumps && isEpochExhausted(transaction.producerEpoch)
  const prepared = preparedOf(transaction, input.committed, input.transactionVersion, now, {
    nextProducerId: isOverflow ? input.newProducerId : none
  })
  return {
    events: [
      { type: "Stored", transaction: prepared },
      ...(bumps ? [lastEpoch(transaction, transaction.producerEpoch)] : [])
    ],
    completions: answer(
      ticket,
      isOverflow ? done(prepared.nextProducerId, 0) : done(prepared.producerId, prepared.producerEpoch)
    ).completions,
    timers: [],
    actions: [{ type: "SendMarkers", transaction: prepared }]
  }
}

const lastEpoch = ({ transactionalId }: Transaction, epoch: number) =>
  ({ type: "LastEpoch", transactionalId, epoch }) as const

const preparedOf = (
  transaction: Transaction,
  committed: boolean,
  version: number,
  now: number,
  changes: Partial<Pick<Transaction, "nextProducerId">>
): Transaction =>
  transition(transaction, {
    ...changes,
    status: committed ? "PrepareCommit" : "PrepareAbort",
    producerEpoch: version >= transactionVersion2 ? transaction.producerEpoch + 1 : transaction.producerEpoch,
    clientTransactionVersion: version,
    // An empty transaction has no start yet.
    startTimestampMs: transaction.status === "Ongoing" ? transaction.startTimestampMs : now
  }, now)

/**
 * Aborts an ongoing transaction against its producer's will: its epoch ends with it, and it is not told the new one.
 *
 * @since 0.1.0
 */
export const fence = (transaction: Transaction, now: number): TransactionDecision => {
  const prepared = preparedOf(transaction, false, transactionVersion2, now, { nextProducerId: none })
  return {
    ...nothing,
    events: [{ type: "Stored", transaction: prepared }, lastEpoch(transaction, none)],
    actions: [{ type: "SendMarkers", transaction: prepared }]
  }
}

/**
 * All partitions know: the transaction is complete. Does nothing if that is no longer the transaction that ended.
 *
 * @since 0.1.0
 */
export const markersWritten = (
  state: TransactionState,
  prepared: Transaction,
  now: number,
  ticket: Ticket<void>
): TransactionDecision => {
  const transaction = state.transactions.get(prepared.transactionalId)
  const isSame = transaction !== undefined && isPrepared(transaction) &&
    transaction.producerId === prepared.producerId && transaction.producerEpoch === prepared.producerEpoch
  if (!isSame) return answer(ticket, undefined)
  const isOverflow = transaction.nextProducerId !== none
  const complete = transition(transaction, {
    status: transaction.status === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort",
    partitions: noPartitions,
    ...(isOverflow && { producerId: transaction.nextProducerId, producerEpoch: 0, nextProducerId: none })
  }, now)
  return { ...answer(ticket, undefined), events: [{ type: "Stored", transaction: complete }] }
}
