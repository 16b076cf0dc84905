/**
 * RemoveUserScramCredentialRecord (type 22 of `__cluster_metadata`): a SCRAM credential was removed.
 *
 * @since 0.1.0
 */
import { int8, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoveUserScramCredentialRecord = Message.metadataRecord("RemoveUserScramCredentialRecord", {
  apiKey: 22,
  versions: "0",
  flexible: "0+"
}, {
  name: string(),
  mechanism: int8()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveUserScramCredentialRecord = Message.Type<typeof RemoveUserScramCredentialRecord>
