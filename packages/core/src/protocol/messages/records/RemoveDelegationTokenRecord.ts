/**
 * RemoveDelegationTokenRecord (type 26 of `__cluster_metadata`): a delegation token was removed.
 *
 * @since 0.1.0
 */
import { string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoveDelegationTokenRecord = Message.metadataRecord("RemoveDelegationTokenRecord", {
  apiKey: 26,
  versions: "0",
  flexible: "0+"
}, {
  tokenId: string()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveDelegationTokenRecord = Message.Type<typeof RemoveDelegationTokenRecord>
