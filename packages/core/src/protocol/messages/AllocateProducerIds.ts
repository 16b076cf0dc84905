/**
 * AllocateProducerIds: gives a broker a block of producer ids.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { int16, int32, int64 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AllocateProducerIdsRequest = Message.request(Api.byName("AllocateProducerIds"), {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 })
})

/** What decoding gives. @since 0.1.0 */
export type AllocateProducerIdsRequest = Message.Type<typeof AllocateProducerIdsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AllocateProducerIdsResponse = Message.response(Api.byName("AllocateProducerIds"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerIdStart: int64(),
  producerIdLen: int32()
})

/** What decoding gives. @since 0.1.0 */
export type AllocateProducerIdsResponse = Message.Type<typeof AllocateProducerIdsResponse>
