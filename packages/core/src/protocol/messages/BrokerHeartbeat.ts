/**
 * BrokerHeartbeat: tells the controller that a broker lives, and how far it has come.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const BrokerHeartbeatRequest = Message.request(Api.byName("BrokerHeartbeat"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const BrokerHeartbeatResponse = Message.response(Api.byName("BrokerHeartbeat"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  isCaughtUp: boolean({ default: false }),
  isFenced: boolean({ default: true }),
  shouldShutDown: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type BrokerHeartbeatResponse = Message.Type<typeof BrokerHeartbeatResponse>
