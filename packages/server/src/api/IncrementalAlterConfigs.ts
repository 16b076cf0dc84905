/**
 * IncrementalAlterConfigs (key 44): changes single settings of topics and brokers (KIP-339).
 *
 * @since 0.1.0
 */
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
} from "@millrace/core/protocol/messages/IncrementalAlterConfigs"
import * as Effect from "effect/Effect"
import { Controller, type ControllerError } from "../coordination/controller/Controller.ts"
import * as Handler from "./Handler.ts"

/** What is answered when the change could not be stored. */
const notStored = (
  request: IncrementalAlterConfigsRequest,
  { code, message }: ControllerError
): IncrementalAlterConfigsResponse => ({
  throttleTimeMs: 0,
  responses: request.resources.map(({ resourceName, resourceType }) => ({
    errorCode: code,
    errorMessage: message,
    resourceType,
    resourceName
  }))
})

/**
 * The handler of IncrementalAlterConfigs.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  Effect.map(
    Controller,
    (controller) => (request) =>
      controller.incrementalAlterConfigs(request).pipe(
        Effect.catch((error) => Effect.succeed(notStored(request, error)))
      )
  )
)
