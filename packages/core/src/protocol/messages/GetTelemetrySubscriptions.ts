/**
 * GetTelemetrySubscriptions: asks which metrics a client is to push (KIP-714).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const GetTelemetrySubscriptionsRequest = Message.request(Api.byName("GetTelemetrySubscriptions"), {
  clientInstanceId: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type GetTelemetrySubscriptionsRequest = Message.Type<typeof GetTelemetrySubscriptionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const GetTelemetrySubscriptionsResponse = Message.response(Api.byName("GetTelemetrySubscriptions"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  clientInstanceId: uuid(),
  subscriptionId: int32(),
  acceptedCompressionTypes: array(int8()),
  pushIntervalMs: int32(),
  telemetryMaxBytes: int32(),
  deltaTemporality: boolean(),
  requestedMetrics: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type GetTelemetrySubscriptionsResponse = Message.Type<typeof GetTelemetrySubscriptionsResponse>
