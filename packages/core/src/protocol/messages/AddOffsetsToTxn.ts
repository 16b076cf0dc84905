/**
 * AddOffsetsToTxn: adds a group's offsets to a transaction.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AddOffsetsToTxnRequest = Message.request(Api.byName("AddOffsetsToTxn"), {
  transactionalId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type AddOffsetsToTxnRequest = Message.Type<typeof AddOffsetsToTxnRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AddOffsetsToTxnResponse = Message.response(Api.byName("AddOffsetsToTxn"), {
  throttleTimeMs: int32(),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type AddOffsetsToTxnResponse = Message.Type<typeof AddOffsetsToTxnResponse>
