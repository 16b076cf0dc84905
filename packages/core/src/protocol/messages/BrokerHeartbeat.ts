/**
 * BrokerHeartbeat (key 63): tells the controller that a broker lives, and how far it has come.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int64, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const BrokerHeartbeatRequest = Message.request("BrokerHeartbeatRequest", {
  apiKey: 63,
  versions: "0-2",
  flexible: "0+"
}, {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
  currentMetadataOffset: int64(),
  wantFence: boolean(),
  wantShutDown: boolean(),
  offlineLogDirs: array({ since: 1, tag: 0 }, uuid()),
  cordonedLogDirs: array({ since: 2, nullable: true, default: null, tag: 1 }, uuid())
})

/** What decoding gives. @since 0.1.0 */
export type BrokerHeartbeatRequest = Message.Type<typeof BrokerHeartbeatRequest>

/**
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const BrokerHeartbeatResponse = Message.response("BrokerHeartbeatResponse", {
  apiKey: 63,
  versions: "0-2",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  isCaughtUp: boolean({ default: false }),
  isFenced: boolean({ default: true }),
  shouldShutDown: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type BrokerHeartbeatResponse = Message.Type<typeof BrokerHeartbeatResponse>
