/**
 * UnfenceBrokerRecord (type 8 of `__cluster_metadata`): a broker was unfenced (before BrokerRegistrationChangeRecord).
 *
 * @since 0.1.0
 */
import { int32, int64 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const UnfenceBrokerRecord = Message.metadataRecord("UnfenceBrokerRecord", {
  apiKey: 8,
  versions: "0",
  flexible: "0+"
}, {
  id: int32(),
  epoch: int64()
})

/** What decoding gives. @since 0.1.0 */
export type UnfenceBrokerRecord = Message.Type<typeof UnfenceBrokerRecord>
