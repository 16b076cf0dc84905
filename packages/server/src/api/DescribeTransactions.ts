/**
 * DescribeTransactions (key 65): the states of transactions (KIP-664).
 *
 * @since 0.1.0
 */
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse
} from "@millrace/core/protocol/messages/DescribeTransactions"
import * as Effect from "effect/Effect"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of DescribeTransactions.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  Effect.map(
    TransactionCoordinator,
    (transactions) => (request, context) => transactions.describeTransactions(request, coordinatorContext(context))
  )
)
