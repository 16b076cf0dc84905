/**
 * ControllerRegistration: registers a controller with the quorum's leader.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ControllerRegistrationRequest = Message.request(Api.byName("ControllerRegistration"), {
  controllerId: int32(),
  incarnationId: uuid(),
  zkMigrationReady: boolean(),
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
  })
})

/** What decoding gives. @since 0.1.0 */
export type ControllerRegistrationRequest = Message.Type<typeof ControllerRegistrationRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ControllerRegistrationResponse = Message.response(Api.byName("ControllerRegistration"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ControllerRegistrationResponse = Message.Type<typeof ControllerRegistrationResponse>
