/**
 * InitProducerId (key 22): gives a producer its id and epoch, and fences its predecessor.
 *
 * @since 0.1.0
 */
import { boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 6.
 *
 * @since 0.1.0
 */
export const InitProducerIdRequest = Message.request("InitProducerIdRequest", {
  apiKey: 22,
  versions: "0-6",
  flexible: "2+",
  latestVersionUnstable: true
}, {
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
 * The response, versions 0 to 6.
 *
 * @since 0.1.0
 */
export const InitProducerIdResponse = Message.response("InitProducerIdResponse", {
  apiKey: 22,
  versions: "0-6",
  flexible: "2+"
}, {
  throttleTimeMs: int32({ ignorable: true }),
  errorCode: int16(),
  producerId: int64({ default: -1 }),
  producerEpoch: int16(),
  ongoingTxnProducerId: int64({ since: 6, default: -1 }),
  ongoingTxnProducerEpoch: int16({ since: 6, default: -1 })
})

/** What decoding gives. @since 0.1.0 */
export type InitProducerIdResponse = Message.Type<typeof InitProducerIdResponse>
