/**
 * ProducerIdsRecord (type 15 of `__cluster_metadata`): a block of producer ids was given to a broker.
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
export const ProducerIdsRecord = Message.metadataRecord("ProducerIdsRecord", {
  apiKey: 15,
  versions: "0",
  flexible: "0+"
}, {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
  nextProducerId: int64()
})

/** What decoding gives. @since 0.1.0 */
export type ProducerIdsRecord = Message.Type<typeof ProducerIdsRecord>
