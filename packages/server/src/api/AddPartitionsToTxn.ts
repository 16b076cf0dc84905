/**
 * AddPartitionsToTxn (key 24): puts partitions into a transaction (KIP-98, KIP-890).
 *
 * @since 0.1.0
 */
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse
} from "@millrace/core/protocol/messages/AddPartitionsToTxn"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of AddPartitionsToTxn.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.addPartitionsToTxn(request, coordinatorContext(context))
  )
)
