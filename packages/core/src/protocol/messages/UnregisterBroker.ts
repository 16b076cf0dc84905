/**
 * UnregisterBroker (key 64): forgets a broker.
 *
 * @since 0.1.0
 */
import { int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const UnregisterBrokerRequest = Message.request("UnregisterBrokerRequest", {
  apiKey: 64,
  versions: "0",
  flexible: "0+"
}, {
  brokerId: int32()
})

/** What decoding gives. @since 0.1.0 */
export type UnregisterBrokerRequest = Message.Type<typeof UnregisterBrokerRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const UnregisterBrokerResponse = Message.response("UnregisterBrokerResponse", {
  apiKey: 64,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true })
})

/** What decoding gives. @since 0.1.0 */
export type UnregisterBrokerResponse = Message.Type<typeof UnregisterBrokerResponse>
