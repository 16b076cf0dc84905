/**
 * AbortTransactionRecord (type 25 of `__cluster_metadata`): records that belonged together do not count.
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
export const AbortTransactionRecord = Message.metadataRecord("AbortTransactionRecord", {
  apiKey: 25,
  versions: "0",
  flexible: "0+"
}, {
  reason: string({ nullable: true, default: null, tag: 0 })
})

/** What decoding gives. @since 0.1.0 */
export type AbortTransactionRecord = Message.Type<typeof AbortTransactionRecord>
