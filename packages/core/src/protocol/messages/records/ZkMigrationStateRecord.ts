/**
 * ZkMigrationStateRecord (type 21 of `__cluster_metadata`): where a migration from ZooKeeper stood.
 *
 * @since 0.1.0
 */
import { int8 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const ZkMigrationStateRecord = Message.metadataRecord("ZkMigrationStateRecord", {
  apiKey: 21,
  versions: "0",
  flexible: "0+"
}, {
  zkMigrationState: int8()
})

/** What decoding gives. @since 0.1.0 */
export type ZkMigrationStateRecord = Message.Type<typeof ZkMigrationStateRecord>
