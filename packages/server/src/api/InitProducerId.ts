/**
 * InitProducerId (key 22): a producer id and epoch, for idempotence and transactions (KIP-98, KIP-360, KIP-890).
 *
 * @since 0.1.0
 */
import { InitProducerIdRequest, InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of InitProducerId.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  InitProducerIdRequest,
  InitProducerIdResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.initProducerId(request, coordinatorContext(context))
  )
)
