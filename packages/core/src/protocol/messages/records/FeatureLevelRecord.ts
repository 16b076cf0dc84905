/**
 * FeatureLevelRecord (type 12 of `__cluster_metadata`): a feature was finalized at a level.
 *
 * @since 0.1.0
 */
import { int16, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const FeatureLevelRecord = Message.metadataRecord("FeatureLevelRecord", {
  apiKey: 12,
  versions: "0",
  flexible: "0+"
}, {
  name: string(),
  featureLevel: int16()
})

/** What decoding gives. @since 0.1.0 */
export type FeatureLevelRecord = Message.Type<typeof FeatureLevelRecord>
