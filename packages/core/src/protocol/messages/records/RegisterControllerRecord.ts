/**
 * RegisterControllerRecord (type 27 of `__cluster_metadata`): a controller was registered.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, string, uint16, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RegisterControllerRecord = Message.metadataRecord("RegisterControllerRecord", {
  apiKey: 27,
  versions: "0",
  flexible: "0+"
}, {
  controllerId: int32(),
  incarnationId: uuid(),
  zkMigrationReady: boolean(),
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
  })
})

/** What decoding gives. @since 0.1.0 */
export type RegisterControllerRecord = Message.Type<typeof RegisterControllerRecord>
