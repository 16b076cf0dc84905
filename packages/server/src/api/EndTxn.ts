/**
 * EndTxn (key 26): commits or aborts a transaction (KIP-98, KIP-890).
 *
 * @since 0.1.0
 */
import { EndTxnRequest, EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of EndTxn.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  EndTxnRequest,
  EndTxnResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.endTxn(request, coordinatorContext(context))
  )
)
