/**
 * ControllerRegistration (key 70): registers a controller with the quorum's leader.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const ControllerRegistrationRequest = Message.request("ControllerRegistrationRequest", {
  apiKey: 70,
  versions: "0",
  flexible: "0+"
}, {
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
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const ControllerRegistrationResponse = Message.response("ControllerRegistrationResponse", {
  apiKey: 70,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ControllerRegistrationResponse = Message.Type<typeof ControllerRegistrationResponse>
