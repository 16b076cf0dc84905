/**
 * AddOffsetsToTxn (key 25): puts the offsets of a group into a transaction (KIP-98, KIP-890).
 *
 * @since 0.1.0
 */
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "@millrace/core/protocol/messages/AddOffsetsToTxn"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of AddOffsetsToTxn.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.addOffsetsToTxn(request, coordinatorContext(context))
  )
)
