/**
 * CreatePartitions (key 37): gives topics more partitions (KIP-195).
 *
 * @since 0.1.0
 */
import { CreatePartitionsRequest, CreatePartitionsResponse } from "@millrace/core/protocol/messages/CreatePartitions"
import * as Effect from "effect/Effect"
import { Controller, type ControllerError } from "../coordination/controller/Controller.ts"
import * as Handler from "./Handler.ts"

/** What is answered when the change could not be stored. */
const notStored = (request: CreatePartitionsRequest, { code, message }: ControllerError): CreatePartitionsResponse => ({
  throttleTimeMs: 0,
  results: request.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message }))
})

/**
 * The handler of CreatePartitions.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  Effect.map(
    Controller,
    (controller) => (request) =>
      controller.createPartitions(request).pipe(Effect.catch((error) => Effect.succeed(notStored(request, error))))
  )
)
