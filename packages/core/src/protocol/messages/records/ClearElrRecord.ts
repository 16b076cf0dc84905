/**
 * ClearElrRecord (type 28 of `__cluster_metadata`): the eligible leader replicas of topics were cleared.
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
export const ClearElrRecord = Message.metadataRecord("ClearElrRecord", { apiKey: 28, versions: "0", flexible: "0+" }, {
  topicName: string()
})

/** What decoding gives. @since 0.1.0 */
export type ClearElrRecord = Message.Type<typeof ClearElrRecord>
