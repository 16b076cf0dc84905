/**
 * BrokerRegistration: registers a broker with the controller.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const BrokerRegistrationRequest = Message.request(Api.byName("BrokerRegistration"), {
  brokerId: int32(),
  clusterId: string(),
  incarnationId: uuid(),
  listeners: array({
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
  isMigratingZkBroker: boolean({ since: 1, default: false }),
  logDirs: array({ since: 2, ignorable: true }, uuid()),
  previousBrokerEpoch: int64({ since: 3, default: -1, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type BrokerRegistrationRequest = Message.Type<typeof BrokerRegistrationRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const BrokerRegistrationResponse = Message.response(Api.byName("BrokerRegistration"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  brokerEpoch: int64({ default: -1 })
})

/** What decoding gives. @since 0.1.0 */
export type BrokerRegistrationResponse = Message.Type<typeof BrokerRegistrationResponse>
