/**
 * AllocateProducerIds (key 67): gives a broker a block of producer ids.
 *
 * @since 0.1.0
 */
import { int16, int32, int64 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const AllocateProducerIdsRequest = Message.request("AllocateProducerIdsRequest", {
  apiKey: 67,
  versions: "0",
  flexible: "0+"
}, {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 })
})

/** What decoding gives. @since 0.1.0 */
export type AllocateProducerIdsRequest = Message.Type<typeof AllocateProducerIdsRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const AllocateProducerIdsResponse = Message.response("AllocateProducerIdsResponse", {
  apiKey: 67,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  producerIdStart: int64(),
  producerIdLen: int32()
})

/** What decoding gives. @since 0.1.0 */
export type AllocateProducerIdsResponse = Message.Type<typeof AllocateProducerIdsResponse>
