/**
 * EndTransactionRecord (type 24 of `__cluster_metadata`): records that belong together are complete.
 *
 * @since 0.1.0
 */
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const EndTransactionRecord = Message.metadataRecord("EndTransactionRecord", {
  apiKey: 24,
  versions: "0",
  flexible: "0+"
}, {})

/** What decoding gives. @since 0.1.0 */
export type EndTransactionRecord = Message.Type<typeof EndTransactionRecord>
