/**
 * SaslAuthenticate (key 36): carries one step of a SASL exchange.
 *
 * @since 0.1.0
 */
import { bytes, int16, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const SaslAuthenticateRequest = Message.request("SaslAuthenticateRequest", {
  apiKey: 36,
  versions: "0-2",
  flexible: "2+"
}, {
  authBytes: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type SaslAuthenticateRequest = Message.Type<typeof SaslAuthenticateRequest>

/**
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const SaslAuthenticateResponse = Message.response("SaslAuthenticateResponse", {
  apiKey: 36,
  versions: "0-2",
  flexible: "2+"
}, {
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  authBytes: bytes(),
  sessionLifetimeMs: int64({ since: 1, default: 0, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type SaslAuthenticateResponse = Message.Type<typeof SaslAuthenticateResponse>
