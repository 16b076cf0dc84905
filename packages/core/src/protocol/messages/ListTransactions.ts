/**
 * ListTransactions: lists the transactions that a broker coordinates.
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
export const ListTransactionsRequest = Message.request(Api.byName("ListTransactions"), {
  stateFilters: array(string()),
  producerIdFilters: array(int64()),
  durationFilter: int64({ since: 1, default: -1 }),
  transactionalIdPattern: string({ since: 2, nullable: true, default: null })
})

/** What decoding gives. @since 0.1.0 */
export type ListTransactionsRequest = Message.Type<typeof ListTransactionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ListTransactionsResponse = Message.response(Api.byName("ListTransactions"), {
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
