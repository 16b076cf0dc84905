/**
 * UnregisterBrokerRecord (type 1 of `__cluster_metadata`): a broker was forgotten.
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
export const UnregisterBrokerRecord = Message.metadataRecord("UnregisterBrokerRecord", {
  apiKey: 1,
  versions: "0",
  flexible: "0+"
}, {
  brokerId: int32(),
  brokerEpoch: int64()
})

/** What decoding gives. @since 0.1.0 */
export type UnregisterBrokerRecord = Message.Type<typeof UnregisterBrokerRecord>
