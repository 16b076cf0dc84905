/**
 * BeginTransactionRecord (type 23 of `__cluster_metadata`): records that belong together begin.
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
export const BeginTransactionRecord = Message.metadataRecord("BeginTransactionRecord", {
  apiKey: 23,
  versions: "0",
  flexible: "0+"
}, {
  name: string({ nullable: true, default: null, tag: 0 })
})

/** What decoding gives. @since 0.1.0 */
export type BeginTransactionRecord = Message.Type<typeof BeginTransactionRecord>
