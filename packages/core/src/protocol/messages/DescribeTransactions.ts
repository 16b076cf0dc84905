/**
 * DescribeTransactions (key 65): describes transactions.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const DescribeTransactionsRequest = Message.request("DescribeTransactionsRequest", {
  apiKey: 65,
  versions: "0",
  flexible: "0+"
}, {
  transactionalIds: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type DescribeTransactionsRequest = Message.Type<typeof DescribeTransactionsRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const DescribeTransactionsResponse = Message.response("DescribeTransactionsResponse", {
  apiKey: 65,
  versions: "0",
  flexible: "0+"
}, {
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
