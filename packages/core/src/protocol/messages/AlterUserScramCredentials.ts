/**
 * AlterUserScramCredentials (key 51): changes SCRAM credentials.
 *
 * @since 0.1.0
 */
import { array, bytes, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const AlterUserScramCredentialsRequest = Message.request("AlterUserScramCredentialsRequest", {
  apiKey: 51,
  versions: "0",
  flexible: "0+"
}, {
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
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const AlterUserScramCredentialsResponse = Message.response("AlterUserScramCredentialsResponse", {
  apiKey: 51,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  results: array({
    user: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterUserScramCredentialsResponse = Message.Type<typeof AlterUserScramCredentialsResponse>
