/**
 * ListConfigResources (key 74): what has settings (KIP-714, KIP-1142).
 *
 * Version 0 asks for client metrics only, of which there are none yet.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse
} from "@millrace/core/protocol/messages/ListConfigResources"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import { ConfigResource, type MetadataImage } from "../coordination/controller/MetadataImage.ts"
import * as Handler from "./Handler.ts"

const namesOf = (image: MetadataImage, type: number): ReadonlyArray<string> => {
  if (type === ConfigResource.topic) return [...image.topics.keys()]
  if (type === ConfigResource.broker || type === ConfigResource.brokerLogger) {
    return [...image.brokers.keys()].map(String)
  }
  return image.configured(type)
}

const types: ReadonlyArray<number> = Object.values(ConfigResource)

/**
 * The handler of ListConfigResources.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  Effect.map(Controller, ({ image }) => ({ resourceTypes }, { version }) =>
    Effect.sync(() => {
      const asked = version === 0 ? [ConfigResource.clientMetrics] : resourceTypes.length === 0 ? types : resourceTypes
      if (asked.some((type) => !types.includes(type))) {
        return { throttleTimeMs: 0, errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] }
      }
      const configResources = asked.flatMap((resourceType) =>
        namesOf(image, resourceType).map((resourceName) => ({ resourceName, resourceType }))
      )
      return { throttleTimeMs: 0, errorCode: 0, configResources }
    }))
)
