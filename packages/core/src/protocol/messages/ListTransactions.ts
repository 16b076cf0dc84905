/**
 * ListTransactions (key 66): lists the transactions that a broker coordinates.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const ListTransactionsRequest = Message.request("ListTransactionsRequest", {
  apiKey: 66,
  versions: "0-2",
  flexible: "0+"
}, {
  stateFilters: array(string()),
  producerIdFilters: array(int64()),
  durationFilter: int64({ since: 1, default: -1 }),
  transactionalIdPattern: string({ since: 2, nullable: true, default: null })
})

/** What decoding gives. @since 0.1.0 */
export type ListTransactionsRequest = Message.Type<typeof ListTransactionsRequest>

/**
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const ListTransactionsResponse = Message.response("ListTransactionsResponse", {
  apiKey: 66,
  versions: "0-2",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  unknownStateFilters: array(string()),
  transactionStates: array({
    transactionalId: string(),
    producerId: int64(),
    transactionState: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListTransactionsResponse = Message.Type<typeof ListTransactionsResponse>
