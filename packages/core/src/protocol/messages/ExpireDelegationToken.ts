/**
 * ExpireDelegationToken (key 40): changes when a delegation token expires.
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
export const ExpireDelegationTokenRequest = Message.request("ExpireDelegationTokenRequest", {
  apiKey: 40,
  versions: "1-2",
  flexible: "2+"
}, {
  hmac: bytes(),
  expiryTimePeriodMs: int64()
})

/** What decoding gives. @since 0.1.0 */
export type ExpireDelegationTokenRequest = Message.Type<typeof ExpireDelegationTokenRequest>

/**
 * The response, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const ExpireDelegationTokenResponse = Message.response("ExpireDelegationTokenResponse", {
  apiKey: 40,
  versions: "1-2",
  flexible: "2+"
}, {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type ExpireDelegationTokenResponse = Message.Type<typeof ExpireDelegationTokenResponse>
