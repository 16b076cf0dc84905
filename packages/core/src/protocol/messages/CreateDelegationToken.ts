/**
 * CreateDelegationToken (key 38): creates a delegation token.
 *
 * @since 0.1.0
 */
import { array, bytes, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const CreateDelegationTokenRequest = Message.request("CreateDelegationTokenRequest", {
  apiKey: 38,
  versions: "1-3",
  flexible: "2+"
}, {
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
 * The response, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const CreateDelegationTokenResponse = Message.response("CreateDelegationTokenResponse", {
  apiKey: 38,
  versions: "1-3",
  flexible: "2+"
}, {
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
