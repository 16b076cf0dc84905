/**
 * The transaction coordinator as a tenant of shards.
 *
 * @since 0.1.0
 */
import { nothing } from "../shard/ShardDecision.ts"
import type { ShardMachine } from "../shard/ShardMachine.ts"
import * as Expiry from "./Expiry.ts"
import { isPrepared } from "./Transaction.ts"
import type { TransactionConfig } from "./TransactionConfig.ts"
import type { TransactionEvent } from "./TransactionEvent.ts"
import * as Event from "./TransactionEvent.ts"
import type { SendMarkers, TransactionDecision, TransactionState, TransactionTimer } from "./TransactionState.ts"
import * as State from "./TransactionState.ts"

/**
 * The machine of the transaction coordinator.
 *
 * @since 0.1.0
 */
export type TransactionMachine = ShardMachine<TransactionState, TransactionEvent, TransactionTimer, SendMarkers>

/**
 * A machine with these settings.
 *
 * @since 0.1.0
 */
export const make = (config: TransactionConfig): TransactionMachine => ({
  name: "transaction",
  empty: State.empty,
  encode: Event.encode,
  decode: Event.decode,
  apply: State.apply,
  // Nobody writes transactions into the log of transactions.
  applyMarker: () => {},
  loaded: (state, now) => loaded(state, now, config),
  fired: (state, timer, now, cautiousNow) =>
    timer.type === "TimedOut"
      ? Expiry.timedOut(state, timer.transactionalId, now)
      : Expiry.removeExpired(state, now, cautiousNow, config)
})

/** Transactions that were ending when the last coordinator stopped are ended, and those that were open watched. */
const loaded = (state: TransactionState, now: number, config: TransactionConfig): TransactionDecision => ({
  ...nothing,
  timers: [
    Expiry.removeTimer(now, config),
    ...[...state.transactions.values()]
      .filter(({ status }) => status === "Ongoing")
      .map((transaction) => Expiry.foundTimer(transaction, now, config))
  ],
  actions: [...state.transactions.values()].filter(isPrepared).map((transaction) => ({
    type: "SendMarkers",
    transaction
  }))
})
