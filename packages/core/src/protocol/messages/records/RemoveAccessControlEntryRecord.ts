/**
 * RemoveAccessControlEntryRecord (type 19 of `__cluster_metadata`): an access control entry was deleted.
 *
 * @since 0.1.0
 */
import { uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoveAccessControlEntryRecord = Message.metadataRecord("RemoveAccessControlEntryRecord", {
  apiKey: 19,
  versions: "0",
  flexible: "0+"
}, {
  id: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveAccessControlEntryRecord = Message.Type<typeof RemoveAccessControlEntryRecord>
