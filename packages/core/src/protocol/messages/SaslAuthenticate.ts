/**
 * SaslAuthenticate: carries one step of a SASL exchange.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { bytes, int16, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const SaslAuthenticateRequest = Message.request(Api.byName("SaslAuthenticate"), {
  authBytes: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type SaslAuthenticateRequest = Message.Type<typeof SaslAuthenticateRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const SaslAuthenticateResponse = Message.response(Api.byName("SaslAuthenticate"), {
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  authBytes: bytes(),
  sessionLifetimeMs: int64({ since: 1, default: 0, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type SaslAuthenticateResponse = Message.Type<typeof SaslAuthenticateResponse>
