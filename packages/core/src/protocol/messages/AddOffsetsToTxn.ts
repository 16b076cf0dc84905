/**
 * AddOffsetsToTxn (key 25): adds a group's offsets to a transaction.
 *
 * @since 0.1.0
 */
import { int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 4.
 *
 * @since 0.1.0
 */
export const AddOffsetsToTxnRequest = Message.request("AddOffsetsToTxnRequest", {
  apiKey: 25,
  versions: "0-4",
  flexible: "3+"
}, {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type AddOffsetsToTxnRequest = Message.Type<typeof AddOffsetsToTxnRequest>

/**
 * The response, versions 0 to 4.
 *
 * @since 0.1.0
 */
export const AddOffsetsToTxnResponse = Message.response("AddOffsetsToTxnResponse", {
  apiKey: 25,
  versions: "0-4",
  flexible: "3+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type AddOffsetsToTxnResponse = Message.Type<typeof AddOffsetsToTxnResponse>
