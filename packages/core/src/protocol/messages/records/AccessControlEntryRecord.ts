/**
 * AccessControlEntryRecord (type 18 of `__cluster_metadata`): an access control entry was created.
 *
 * @since 0.1.0
 */
import { int8, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const AccessControlEntryRecord = Message.metadataRecord("AccessControlEntryRecord", {
  apiKey: 18,
  versions: "0",
  flexible: "0+"
}, {
  id: uuid(),
  resourceType: int8(),
  resourceName: string(),
  patternType: int8(),
  principal: string(),
  host: string(),
  operation: int8(),
  permissionType: int8()
})

/** What decoding gives. @since 0.1.0 */
export type AccessControlEntryRecord = Message.Type<typeof AccessControlEntryRecord>
