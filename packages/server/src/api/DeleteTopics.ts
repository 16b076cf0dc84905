/**
 * DeleteTopics (key 20): deletes topics by name or id (KIP-4, KIP-516).
 *
 * @since 0.1.0
 */
import { DeleteTopicsRequest, DeleteTopicsResponse } from "@millrace/core/protocol/messages/DeleteTopics"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import { Controller, type ControllerError } from "../coordination/controller/Controller.ts"
import * as Handler from "./Handler.ts"

/** What is answered when the change could not be stored. */
const notStored = (request: DeleteTopicsRequest, { code, message }: ControllerError): DeleteTopicsResponse => ({
  throttleTimeMs: 0,
  responses: [
    ...request.topics,
    ...request.topicNames.map((name) => ({ name, topicId: Uuid.zero }))
  ].map(({ name, topicId }) => ({ name, topicId, errorCode: code, errorMessage: message }))
})

/**
 * The handler of DeleteTopics.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  Effect.map(
    Controller,
    (controller) => (request, { version }) =>
      controller.deleteTopics(request, version).pipe(Effect.catch((error) => Effect.succeed(notStored(request, error))))
  )
)
