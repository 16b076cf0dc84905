/**
 * RegisterBrokerRecord (type 0 of `__cluster_metadata`): a broker was registered.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int64, string, uint16, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RegisterBrokerRecord = Message.metadataRecord("RegisterBrokerRecord", {
  apiKey: 0,
  versions: "0-4",
  flexible: "0+"
}, {
  brokerId: int32(),
  isMigratingZkBroker: boolean({ since: 2, default: false }),
  incarnationId: uuid(),
  brokerEpoch: int64(),
  endPoints: array({
    name: string(),
    host: string(),
    port: uint16(),
    securityProtocol: int16()
  }),
  features: array({
    name: string(),
    minSupportedVersion: int16(),
    maxSupportedVersion: int16()
  }),
  rack: string({ nullable: true }),
  fenced: boolean({ default: true }),
  inControlledShutdown: boolean({ since: 1, default: false }),
  logDirs: array({ since: 3, tag: 0 }, uuid()),
  cordonedLogDirs: array({ since: 4, nullable: true, default: null, tag: 1 }, uuid())
})

/** What decoding gives. @since 0.1.0 */
export type RegisterBrokerRecord = Message.Type<typeof RegisterBrokerRecord>
