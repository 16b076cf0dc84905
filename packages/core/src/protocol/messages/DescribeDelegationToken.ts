/**
 * DescribeDelegationToken (key 41): lists delegation tokens.
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
export const DescribeDelegationTokenRequest = Message.request("DescribeDelegationTokenRequest", {
  apiKey: 41,
  versions: "1-3",
  flexible: "2+"
}, {
  owners: array({ nullable: true }, {
    principalType: string(),
    principalName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeDelegationTokenRequest = Message.Type<typeof DescribeDelegationTokenRequest>

/**
 * The response, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const DescribeDelegationTokenResponse = Message.response("DescribeDelegationTokenResponse", {
  apiKey: 41,
  versions: "1-3",
  flexible: "2+"
}, {
  errorCode: int16(),
  tokens: array({
    principalType: string(),
    principalName: string(),
    tokenRequesterPrincipalType: string({ since: 3 }),
    tokenRequesterPrincipalName: string({ since: 3 }),
    issueTimestamp: int64(),
    expiryTimestamp: int64(),
    maxTimestamp: int64(),
    tokenId: string(),
    hmac: bytes(),
    renewers: array({
      principalType: string(),
      principalName: string()
    })
  }),
  throttleTimeMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type DescribeDelegationTokenResponse = Message.Type<typeof DescribeDelegationTokenResponse>
