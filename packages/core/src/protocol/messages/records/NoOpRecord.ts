/**
 * NoOpRecord (type 20 of `__cluster_metadata`): nothing; it moves the log forward.
 *
 * @since 0.1.0
 */
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const NoOpRecord = Message.metadataRecord("NoOpRecord", { apiKey: 20, versions: "0", flexible: "0+" }, {})

/** What decoding gives. @since 0.1.0 */
export type NoOpRecord = Message.Type<typeof NoOpRecord>
