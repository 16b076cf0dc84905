/**
 * ClientQuotaRecord (type 14 of `__cluster_metadata`): a client quota was set or removed.
 *
 * @since 0.1.0
 */
import { array, boolean, float64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const ClientQuotaRecord = Message.metadataRecord("ClientQuotaRecord", {
  apiKey: 14,
  versions: "0",
  flexible: "0+"
}, {
  entity: array({
    entityType: string(),
    entityName: string({ nullable: true })
  }),
  key: string(),
  value: float64(),
  remove: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type ClientQuotaRecord = Message.Type<typeof ClientQuotaRecord>
