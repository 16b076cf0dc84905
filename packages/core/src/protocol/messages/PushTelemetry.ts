/**
 * PushTelemetry: pushes a client's metrics (KIP-714).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { boolean, bytes, int16, int32, int8, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const PushTelemetryRequest = Message.request(Api.byName("PushTelemetry"), {
  clientInstanceId: uuid(),
  subscriptionId: int32(),
  terminating: boolean(),
  compressionType: int8(),
  metrics: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type PushTelemetryRequest = Message.Type<typeof PushTelemetryRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const PushTelemetryResponse = Message.response(Api.byName("PushTelemetry"), {
  throttleTimeMs: int32(),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type PushTelemetryResponse = Message.Type<typeof PushTelemetryResponse>
