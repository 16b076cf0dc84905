/**
 * The state of one partition of `__transaction_state`, as a fold of its events, and what is decided about it.
 *
 * @since 0.1.0
 */
import type { Decision } from "../shard/ShardDecision.ts"
import { type UndoLog, UndoMap } from "../shard/UndoLog.ts"
import type { Transaction } from "./Transaction.ts"
import { none, transactionVersion2 } from "./Transaction.ts"
import type { TransactionEvent } from "./TransactionEvent.ts"

/**
 * All transactional ids of a partition. `lastEpochs` is known to this coordinator only.
 *
 * @since 0.1.0
 */
export interface TransactionState {
  readonly transactions: UndoMap<string, Transaction>
  readonly lastEpochs: UndoMap<string, number>
}

/**
 * The state before the first event.
 *
 * @since 0.1.0
 */
export const empty = (undo: UndoLog): TransactionState => ({
  transactions: new UndoMap(undo),
  lastEpochs: new UndoMap(undo)
})

/**
 * Applies an event.
 *
 * @since 0.1.0
 */
export const apply = (state: TransactionState, event: TransactionEvent): void => {
  switch (event.type) {
    case "Stored":
      return state.transactions.set(event.transaction.transactionalId, event.transaction)
    case "Removed":
      state.transactions.delete(event.transactionalId)
      state.lastEpochs.delete(event.transactionalId)
      return
    case "LastEpoch":
      return state.lastEpochs.set(event.transactionalId, event.epoch)
  }
}

/**
 * `TimedOut`: the last transaction of an id has had its time, if it is open still. `RemoveExpired`: it is time to look for
 * ids that nobody uses.
 *
 * @since 0.1.0
 */
export type TransactionTimer =
  | { readonly type: "TimedOut"; readonly transactionalId: string }
  | { readonly type: "RemoveExpired" }

/**
 * The end of a transaction that its partitions have to be told.
 *
 * @since 0.1.0
 */
export interface SendMarkers {
  readonly type: "SendMarkers"
  readonly transaction: Transaction
}

/**
 * What the modules of this folder decide.
 *
 * @since 0.1.0
 */
export type TransactionDecision = Decision<TransactionEvent, TransactionTimer, SendMarkers>

/**
 * The epoch before the present one, -1 if there is none or it is not known any more.
 *
 * @since 0.1.0
 */
export const lastEpochOf = (state: TransactionState, transactionalId: string): number =>
  state.lastEpochs.get(transactionalId) ?? none

/**
 * The version that the marker of a prepared transaction carries.
 *
 * @since 0.1.0
 */
export const markerVersionOf = (transaction: Transaction): number =>
  transaction.clientTransactionVersion >= transactionVersion2 ? transactionVersion2 : 0
