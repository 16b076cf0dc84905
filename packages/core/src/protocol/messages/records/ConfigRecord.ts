/**
 * ConfigRecord (type 4 of `__cluster_metadata`): a setting of a resource was changed or removed.
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
export const ConfigRecord = Message.metadataRecord("ConfigRecord", { apiKey: 4, versions: "0", flexible: "0+" }, {
  resourceType: int8(),
  resourceName: string(),
  name: string(),
  value: string({ nullable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ConfigRecord = Message.Type<typeof ConfigRecord>
