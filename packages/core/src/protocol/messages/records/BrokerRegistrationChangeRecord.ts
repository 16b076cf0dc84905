/**
 * BrokerRegistrationChangeRecord (type 17 of `__cluster_metadata`): what changed of a broker: fenced, shutting down, its directories.
 *
 * @since 0.1.0
 */
import { array, int32, int64, int8, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const BrokerRegistrationChangeRecord = Message.metadataRecord("BrokerRegistrationChangeRecord", {
  apiKey: 17,
  versions: "0-3",
  flexible: "0+"
}, {
  brokerId: int32(),
  brokerEpoch: int64(),
  fenced: int8({ tag: 0 }),
  inControlledShutdown: int8({ since: 1, tag: 1 }),
  logDirs: array({ since: 2, tag: 2 }, uuid()),
  cordonedLogDirs: array({ since: 3, nullable: true, default: null, tag: 3 }, uuid())
})

/** What decoding gives. @since 0.1.0 */
export type BrokerRegistrationChangeRecord = Message.Type<typeof BrokerRegistrationChangeRecord>
