/**
 * Envelope: carries a client's request from a broker to the controller.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { bytes, int16 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const EnvelopeRequest = Message.request(Api.byName("Envelope"), {
  requestData: bytes(),
  requestPrincipal: bytes({ nullable: true }),
  clientHostAddress: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type EnvelopeRequest = Message.Type<typeof EnvelopeRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const EnvelopeResponse = Message.response(Api.byName("Envelope"), {
  responseData: bytes({ nullable: true, default: null }),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type EnvelopeResponse = Message.Type<typeof EnvelopeResponse>
