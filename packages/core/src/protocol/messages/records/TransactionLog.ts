/**
 * TransactionLog (type 0 of `__transaction_state`): where a transaction stands.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, int8, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const TransactionLogKey = Message.coordinatorKey("TransactionLogKey", { apiKey: 0, versions: "0" }, {
  transactionalId: string()
})

/** What decoding gives. @since 0.1.0 */
export type TransactionLogKey = Message.Type<typeof TransactionLogKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const TransactionLogValue = Message.coordinatorValue("TransactionLogValue", {
  apiKey: 0,
  versions: "0-1",
  flexible: "1+"
}, {
  producerId: int64(),
  previousProducerId: int64({ since: 1, default: -1, tag: 0 }),
  nextProducerId: int64({ since: 1, default: -1, tag: 1 }),
  producerEpoch: int16(),
  nextProducerEpoch: int16({ since: 1, default: -1, tag: 3 }),
  transactionTimeoutMs: int32(),
  transactionStatus: int8(),
  transactionPartitions: array({ nullable: true }, {
    topic: string(),
    partitionIds: array(int32())
  }),
  transactionLastUpdateTimestampMs: int64(),
  transactionStartTimestampMs: int64(),
  clientTransactionVersion: int16({ since: 1, default: 0, tag: 2 })
})

/** What decoding gives. @since 0.1.0 */
export type TransactionLogValue = Message.Type<typeof TransactionLogValue>
