/**
 * InitProducerId: gives a producer its id and epoch, and fences its predecessor.
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
export const InitProducerIdRequest = Message.request(Api.byName("InitProducerId"), {
  transactionalId: string({ nullable: true }),
  transactionTimeoutMs: int32(),
  producerId: int64({ since: 3, default: -1 }),
  producerEpoch: int16({ since: 3, default: -1 }),
  enable2Pc: boolean({ since: 6, default: false }),
  keepPreparedTxn: boolean({ since: 6, default: false })
})

/** What decoding gives. @since 0.1.0 */
export type InitProducerIdRequest = Message.Type<typeof InitProducerIdRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const InitProducerIdResponse = Message.response(Api.byName("InitProducerId"), {
  throttleTimeMs: int32({ ignorable: true }),
  errorCode: int16(),
  producerId: int64({ default: -1 }),
  producerEpoch: int16(),
  ongoingTxnProducerId: int64({ since: 6, default: -1 }),
  ongoingTxnProducerEpoch: int16({ since: 6, default: -1 })
})

/** What decoding gives. @since 0.1.0 */
export type InitProducerIdResponse = Message.Type<typeof InitProducerIdResponse>
