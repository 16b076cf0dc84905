/**
 * CreateDelegationToken: creates a delegation token.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, bytes, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const CreateDelegationTokenRequest = Message.request(Api.byName("CreateDelegationToken"), {
  ownerPrincipalType: string({ since: 3, nullable: true }),
  ownerPrincipalName: string({ since: 3, nullable: true }),
  renewers: array({
    principalType: string(),
    principalName: string()
  }),
  maxLifetimeMs: int64()
})

/** What decoding gives. @since 0.1.0 */
export type CreateDelegationTokenRequest = Message.Type<typeof CreateDelegationTokenRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const CreateDelegationTokenResponse = Message.response(Api.byName("CreateDelegationToken"), {
  errorCode: int16(),
  principalType: string(),
  principalName: string(),
  tokenRequesterPrincipalType: string({ since: 3 }),
  tokenRequesterPrincipalName: string({ since: 3 }),
  issueTimestampMs: int64(),
  expiryTimestampMs: int64(),
  maxTimestampMs: int64(),
  tokenId: string(),
  hmac: bytes(),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type CreateDelegationTokenResponse = Message.Type<typeof CreateDelegationTokenResponse>
