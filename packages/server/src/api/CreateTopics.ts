/**
 * CreateTopics (key 19): creates topics (KIP-4, KIP-525).
 *
 * @since 0.1.0
 */
import { CreateTopicsRequest, CreateTopicsResponse } from "@millrace/core/protocol/messages/CreateTopics"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import { Controller, type ControllerError } from "../coordination/controller/Controller.ts"
import * as Handler from "./Handler.ts"

/** What is answered when the change could not be stored. */
const notStored = (request: CreateTopicsRequest, { code, message }: ControllerError): CreateTopicsResponse => ({
  throttleTimeMs: 0,
  topics: request.topics.map(({ name }) => ({
    name,
    topicId: Uuid.zero,
    errorCode: code,
    errorMessage: message,
    topicConfigErrorCode: 0,
    numPartitions: -1,
    replicationFactor: -1,
    configs: []
  }))
})

/**
 * The handler of CreateTopics.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  CreateTopicsRequest,
  CreateTopicsResponse,
  Effect.map(
    Controller,
    (controller) => (request) =>
      controller.createTopics(request).pipe(Effect.catch((error) => Effect.succeed(notStored(request, error))))
  )
)
