/**
 * The scans of a partition: transactions that take too long are aborted, ids that nobody uses any more are removed.
 *
 * @since 0.1.0
 */
import type { TransactionConfig } from "./TransactionConfig.ts"
import { fence } from "./EndTransaction.ts"
import type { TransactionDecision, TransactionState, TransactionTimer } from "./TransactionState.ts"

/**
 * The timer of the next scan of a kind.
 *
 * @since 0.1.0
 */
export const scanTimer = (
  type: TransactionTimer["type"],
  now: number,
  config: TransactionConfig
): TransactionDecision["timers"][number] => {
  const afterMs = type === "AbortTimedOut" ? config.abortTimedOutIntervalMs : config.removeExpiredIntervalMs
  return { key: type, set: { at: now + afterMs, timer: { type } } }
}

/**
 * Aborts the transactions whose time is over; their producers are fenced.
 *
 * @since 0.1.0
 */
export const abortTimedOut = (
  state: TransactionState,
  now: number,
  config: TransactionConfig
): TransactionDecision => {
  const fenced: Array<TransactionDecision> = []
  for (const transaction of state.transactions.values()) {
    if (transaction.status === "Ongoing" && transaction.startTimestampMs + transaction.timeoutMs < now) {
      fenced.push(fence(transaction, now))
    }
  }
  return {
    events: fenced.flatMap(({ events }) => events),
    completions: [],
    timers: [scanTimer("AbortTimedOut", now, config)],
    actions: fenced.flatMap(({ actions }) => actions),
    splittable: true
  }
}

/**
 * Removes the ids that have not been used for long and have no transaction.
 *
 * @since 0.1.0
 */
export const removeExpired = (
  state: TransactionState,
  now: number,
  config: TransactionConfig
): TransactionDecision => {
  const expired = [...state.transactions.values()].filter(({ lastUpdateTimestampMs, status }) =>
    (status === "Empty" || status === "CompleteCommit" || status === "CompleteAbort") &&
    now - lastUpdateTimestampMs >= config.transactionalIdExpirationMs
  )
  return {
    events: expired.map(({ transactionalId }) => ({ type: "Removed", transactionalId })),
    completions: [],
    timers: [scanTimer("RemoveExpired", now, config)],
    actions: [],
    splittable: true
  }
}
