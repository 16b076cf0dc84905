/**
 * UserScramCredentialRecord (type 11 of `__cluster_metadata`): a SCRAM credential was set.
 *
 * @since 0.1.0
 */
import { bytes, int32, int8, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const UserScramCredentialRecord = Message.metadataRecord("UserScramCredentialRecord", {
  apiKey: 11,
  versions: "0",
  flexible: "0+"
}, {
  name: string(),
  mechanism: int8(),
  salt: bytes(),
  storedKey: bytes(),
  serverKey: bytes(),
  iterations: int32()
})

/** What decoding gives. @since 0.1.0 */
export type UserScramCredentialRecord = Message.Type<typeof UserScramCredentialRecord>
