/**
 * DescribeUserScramCredentials: lists which users have SCRAM credentials.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeUserScramCredentialsRequest = Message.request(Api.byName("DescribeUserScramCredentials"), {
  users: array({ nullable: true }, {
    name: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeUserScramCredentialsRequest = Message.Type<typeof DescribeUserScramCredentialsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeUserScramCredentialsResponse = Message.response(Api.byName("DescribeUserScramCredentials"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  results: array({
    user: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    credentialInfos: array({
      mechanism: int8(),
      iterations: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeUserScramCredentialsResponse = Message.Type<typeof DescribeUserScramCredentialsResponse>
