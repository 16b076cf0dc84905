/**
 * RenewDelegationToken: prolongs a delegation token.
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
export const RenewDelegationTokenRequest = Message.request(Api.byName("RenewDelegationToken"), {
  hmac: bytes(),
  renewPeriodMs: int64()
})

/** What decoding gives. @since 0.1.0 */
export type RenewDelegationTokenRequest = Message.Type<typeof RenewDelegationTokenRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const RenewDelegationTokenResponse = Message.response(Api.byName("RenewDelegationToken"), {
  errorCode: int16(),
  expiryTimestampMs: int64(),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type RenewDelegationTokenResponse = Message.Type<typeof RenewDelegationTokenResponse>
