/**
 * AlterConfigs (key 33): replaces all settings of topics and brokers (KIP-133).
 *
 * @since 0.1.0
 */
import { AlterConfigsRequest, AlterConfigsResponse } from "@millrace/core/protocol/messages/AlterConfigs"
import * as Effect from "effect/Effect"
import { Controller, type ControllerError } from "../coordination/controller/Controller.ts"
import * as Handler from "./Handler.ts"

/** What is answered when the change could not be stored. */
const notStored = (request: AlterConfigsRequest, { code, message }: ControllerError): AlterConfigsResponse => ({
  throttleTimeMs: 0,
  responses: request.resources.map(({ resourceName, resourceType }) => ({
    errorCode: code,
    errorMessage: message,
    resourceType,
    resourceName
  }))
})

/**
 * The handler of AlterConfigs.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  AlterConfigsRequest,
  AlterConfigsResponse,
  Effect.map(
    Controller,
    (controller) => (request) =>
      controller.alterConfigs(request).pipe(Effect.catch((error) => Effect.succeed(notStored(request, error))))
  )
)
