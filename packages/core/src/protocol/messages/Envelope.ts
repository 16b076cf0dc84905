/**
 * Envelope (key 58): carries a client's request from a broker to the controller.
 *
 * @since 0.1.0
 */
import { bytes, int16 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const EnvelopeRequest = Message.request("EnvelopeRequest", { apiKey: 58, versions: "0", flexible: "0+" }, {
  requestData: bytes(),
  requestPrincipal: bytes({ nullable: true }),
  clientHostAddress: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type EnvelopeRequest = Message.Type<typeof EnvelopeRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const EnvelopeResponse = Message.response("EnvelopeResponse", { apiKey: 58, versions: "0", flexible: "0+" }, {
  responseData: bytes({ nullable: true, default: null }),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type EnvelopeResponse = Message.Type<typeof EnvelopeResponse>
