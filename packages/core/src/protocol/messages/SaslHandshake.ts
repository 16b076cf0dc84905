/**
 * SaslHandshake: chooses the SASL mechanism of a connection.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const SaslHandshakeRequest = Message.request(Api.byName("SaslHandshake"), {
  mechanism: string()
})

/** What decoding gives. @since 0.1.0 */
export type SaslHandshakeRequest = Message.Type<typeof SaslHandshakeRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const SaslHandshakeResponse = Message.response(Api.byName("SaslHandshake"), {
  errorCode: int16(),
  mechanisms: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type SaslHandshakeResponse = Message.Type<typeof SaslHandshakeResponse>
