/**
 * EndTxn (key 26): commits or aborts a transaction.
 *
 * @since 0.1.0
 */
import { boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const EndTxnRequest = Message.request("EndTxnRequest", { apiKey: 26, versions: "0-5", flexible: "3+" }, {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  committed: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type EndTxnRequest = Message.Type<typeof EndTxnRequest>

/**
 * The response, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const EndTxnResponse = Message.response("EndTxnResponse", { apiKey: 26, versions: "0-5", flexible: "3+" }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerId: int64({ since: 5, default: -1, ignorable: true }),
  producerEpoch: int16({ since: 5, default: -1, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type EndTxnResponse = Message.Type<typeof EndTxnResponse>
