/**
 * What becomes of transactions with time: those that take too long are aborted, ids that nobody uses any more are removed.
 *
 * Keeps true: a transaction that begins here has its time whatever the wall clock is set to, for it is a timer that ends
 * it. Of one that comes from the log only the wall clock can say how old it is; what that says is kept within its bounds.
 *
 * @since 0.1.0
 */
import { nothing } from "../shard/ShardDecision.ts"
import { fence } from "./EndTransaction.ts"
import type { Transaction } from "./Transaction.ts"
import type { TransactionConfig } from "./TransactionConfig.ts"
import type { TransactionDecision, TransactionState } from "./TransactionState.ts"

type Timer = TransactionDecision["timers"][number]

/** Kafka looks at intervals for transactions whose time is over, and finds them some time after. */
const timeMaxMs = ({ timeoutMs }: Transaction, { abortTimedOutIntervalMs }: TransactionConfig): number =>
  (Math.floor(timeoutMs / abortTimedOutIntervalMs) + 1) * abortTimedOutIntervalMs

const timeOut = ({ transactionalId }: Transaction, at: number): Timer => ({
  key: `timeout/${transactionalId}`,
  set: { at, timer: { type: "TimedOut", transactionalId } }
})

/**
 * The timer of a transaction that begins now. It takes the place of that of the id's last transaction.
 *
 * @since 0.1.0
 */
export const begunTimer = (transaction: Transaction, now: number, config: TransactionConfig): Timer =>
  timeOut(transaction, now + timeMaxMs(transaction, config))

/**
 * The timer of a transaction that was found in the log.
 *
 * @since 0.1.0
 */
export const foundTimer = (transaction: Transaction, now: number, config: TransactionConfig): Timer => {
  const maxMs = timeMaxMs(transaction, config)
  const leftMs = transaction.startTimestampMs + maxMs - now
  return timeOut(transaction, now + Math.min(Math.max(leftMs, 0), maxMs))
}

/**
 * Aborts the transaction whose time is over, unless it has ended; its producer is fenced.
 *
 * @since 0.1.0
 */
export const timedOut = (state: TransactionState, transactionalId: string, now: number): TransactionDecision => {
  const transaction = state.transactions.get(transactionalId)
  return transaction?.status === "Ongoing" ? fence(transaction, now) : nothing
}

/**
 * The timer of the next look for ids that nobody uses.
 *
 * @since 0.1.0
 */
export const removeTimer = (now: number, config: TransactionConfig): Timer => ({
  key: "RemoveExpired",
  set: { at: now + config.removeExpiredIntervalMs, timer: { type: "RemoveExpired" } }
})

/**
 * Removes the ids that have not been used for long and have no transaction. `cautiousNow`: see `ShardMachine.fired`.
 *
 * @since 0.1.0
 */
export const removeExpired = (
  state: TransactionState,
  now: number,
  cautiousNow: number,
  config: TransactionConfig
): TransactionDecision => {
  const expired = [...state.transactions.values()].filter(({ lastUpdateTimestampMs, status }) =>
    (status === "Empty" || status === "CompleteCommit" || status === "CompleteAbort") &&
    cautiousNow - lastUpdateTimestampMs >= config.transactionalIdExpirationMs
  )
  return {
    events: expired.map(({ transactionalId }) => ({ type: "Removed", transactionalId })),
    completions: [],
    timers: [removeTimer(now, config)],
    actions: [],
    splittable: true
  }
}
