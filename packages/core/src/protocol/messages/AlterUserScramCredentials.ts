/**
 * AlterUserScramCredentials: changes SCRAM credentials.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, bytes, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AlterUserScramCredentialsRequest = Message.request(Api.byName("AlterUserScramCredentials"), {
  deletions: array({
    name: string(),
    mechanism: int8()
  }),
  upsertions: array({
    name: string(),
    mechanism: int8(),
    iterations: int32(),
    salt: bytes(),
    saltedPassword: bytes()
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterUserScramCredentialsRequest = Message.Type<typeof AlterUserScramCredentialsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterUserScramCredentialsResponse = Message.response(Api.byName("AlterUserScramCredentials"), {
  throttleTimeMs: int32(),
  results: array({
    user: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterUserScramCredentialsResponse = Message.Type<typeof AlterUserScramCredentialsResponse>
