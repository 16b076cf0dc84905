/**
 * ExpireDelegationToken: changes when a delegation token expires.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { bytes, int16, int32, int64 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ExpireDelegationTokenRequest = Message.request(Api.byName("ExpireDelegationToken"), {
  hmac: bytes(),
  expiryTimePeriodMs: int64()
})

/** What decoding gives. @since 0.1.0 */
export type ExpireDelegationTokenRequest = Message.Type<typeof ExpireDelegationTokenRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ExpireDelegationTokenResponse = Message.response(Api.byName("ExpireDelegationToken"), {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type ExpireDelegationTokenResponse = Message.Type<typeof ExpireDelegationTokenResponse>
