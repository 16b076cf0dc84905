/**
 * UnregisterBroker: forgets a broker.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const UnregisterBrokerRequest = Message.request(Api.byName("UnregisterBroker"), {
  brokerId: int32()
})

/** What decoding gives. @since 0.1.0 */
export type UnregisterBrokerRequest = Message.Type<typeof UnregisterBrokerRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const UnregisterBrokerResponse = Message.response(Api.byName("UnregisterBroker"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true })
})

/** What decoding gives. @since 0.1.0 */
export type UnregisterBrokerResponse = Message.Type<typeof UnregisterBrokerResponse>
