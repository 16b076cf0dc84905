/**
 * DelegationTokenRecord (type 10 of `__cluster_metadata`): a delegation token was created or changed.
 *
 * @since 0.1.0
 */
import { array, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const DelegationTokenRecord = Message.metadataRecord("DelegationTokenRecord", {
  apiKey: 10,
  versions: "0",
  flexible: "0+"
}, {
  owner: string(),
  requester: string(),
  renewers: array(string()),
  issueTimestamp: int64(),
  maxTimestamp: int64(),
  expirationTimestamp: int64(),
  tokenId: string()
})

/** What decoding gives. @since 0.1.0 */
export type DelegationTokenRecord = Message.Type<typeof DelegationTokenRecord>
