/**
 * SaslHandshake (key 17): chooses the SASL mechanism of a connection.
 *
 * @since 0.1.0
 */
import { array, int16, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const SaslHandshakeRequest = Message.request("SaslHandshakeRequest", { apiKey: 17, versions: "0-1" }, {
  mechanism: string()
})

/** What decoding gives. @since 0.1.0 */
export type SaslHandshakeRequest = Message.Type<typeof SaslHandshakeRequest>

/**
 * The response, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const SaslHandshakeResponse = Message.response("SaslHandshakeResponse", { apiKey: 17, versions: "0-1" }, {
  errorCode: int16(),
  mechanisms: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type SaslHandshakeResponse = Message.Type<typeof SaslHandshakeResponse>
