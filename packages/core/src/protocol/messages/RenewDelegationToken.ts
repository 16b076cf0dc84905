/**
 * RenewDelegationToken (key 39): prolongs a delegation token.
 *
 * @since 0.1.0
 */
import { bytes, int16, int32, int64 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const RenewDelegationTokenRequest = Message.request("RenewDelegationTokenRequest", {
  apiKey: 39,
  versions: "1-2",
  flexible: "2+"
}, {
  hmac: bytes(),
  renewPeriodMs: int64()
})

/** What decoding gives. @since 0.1.0 */
export type RenewDelegationTokenRequest = Message.Type<typeof RenewDelegationTokenRequest>

/**
 * The response, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const RenewDelegationTokenResponse = Message.response("RenewDelegationTokenResponse", {
  apiKey: 39,
  versions: "1-2",
  flexible: "2+"
}, {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type RenewDelegationTokenResponse = Message.Type<typeof RenewDelegationTokenResponse>
