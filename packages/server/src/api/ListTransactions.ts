/**
 * ListTransactions (key 66): the transactions of this broker (KIP-664, KIP-994, KIP-1152).
 *
 * @since 0.1.0
 */
import { ListTransactionsRequest, ListTransactionsResponse } from "@millrace/core/protocol/messages/ListTransactions"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of ListTransactions.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  ListTransactionsRequest,
  ListTransactionsResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.listTransactions(request, coordinatorContext(context))
  )
)
