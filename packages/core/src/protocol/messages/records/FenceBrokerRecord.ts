/**
 * FenceBrokerRecord (type 7 of `__cluster_metadata`): a broker was fenced (before BrokerRegistrationChangeRecord).
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
export const FenceBrokerRecord = Message.metadataRecord("FenceBrokerRecord", {
  apiKey: 7,
  versions: "0",
  flexible: "0+"
}, {
  id: int32(),
  epoch: int64()
})

/** What decoding gives. @since 0.1.0 */
export type FenceBrokerRecord = Message.Type<typeof FenceBrokerRecord>
