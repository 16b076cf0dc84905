/**
 * DescribeTransactions: describes transactions.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeTransactionsRequest = Message.request(Api.byName("DescribeTransactions"), {
  transactionalIds: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type DescribeTransactionsRequest = Message.Type<typeof DescribeTransactionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeTransactionsResponse = Message.response(Api.byName("DescribeTransactions"), {
  throttleTimeMs: int32(),
  transactionStates: array({
    errorCode: int16(),
    transactionalId: string(),
    transactionState: string(),
    transactionTimeoutMs: int32(),
    transactionStartTimeMs: int64(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array({
      topic: string(),
      partitions: array(int32())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeTransactionsResponse = Message.Type<typeof DescribeTransactionsResponse>
