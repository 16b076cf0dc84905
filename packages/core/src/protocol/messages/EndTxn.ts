/**
 * EndTxn: commits or aborts a transaction.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const EndTxnRequest = Message.request(Api.byName("EndTxn"), {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  committed: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type EndTxnRequest = Message.Type<typeof EndTxnRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const EndTxnResponse = Message.response(Api.byName("EndTxn"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerId: int64({ since: 5, default: -1, ignorable: true }),
  producerEpoch: int16({ since: 5, default: -1, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type EndTxnResponse = Message.Type<typeof EndTxnResponse>
