/**
 * DescribeDelegationToken: lists delegation tokens.
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
export const DescribeDelegationTokenRequest = Message.request(Api.byName("DescribeDelegationToken"), {
  owners: array({ nullable: true }, {
    principalType: string(),
    principalName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeDelegationTokenRequest = Message.Type<typeof DescribeDelegationTokenRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeDelegationTokenResponse = Message.response(Api.byName("DescribeDelegationToken"), {
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
