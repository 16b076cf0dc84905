/**
 * ApiVersions: which APIs are served in which versions, and which features are switched on (KIP-35, KIP-511,
 * KIP-584).
 *
 * As Kafka: a version that is not known is answered in version 0 with UNSUPPORTED_VERSION and the versions of this API.
 * Features whose APIs are not served are not told of, whatever the metadata says.
 * Below version 4, supported features with a minimum of 0 are left out, because older clients can't read them.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Api from "@millrace/core/protocol/Api"
import type * as Message from "@millrace/core/protocol/Message"
import { ApiVersionsRequest, ApiVersionsResponse } from "@millrace/core/protocol/messages/ApiVersions"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import { supportedFeatures } from "../coordination/controller/Features.ts"
import * as Handler from "./Handler.ts"

type Response = Message.Input<typeof ApiVersionsResponse>

const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

const versionsOf = (api: Api.Api): Response["apiKeys"][number] => ({
  apiKey: api.key,
  minVersion: api.versionMinAdvertised,
  maxVersion: api.versionMaxStable
})

const own = versionsOf(Api.byName("ApiVersions"))

/** The API without which a feature would be a promise that nobody keeps. */
const apiOfFeature: { readonly [feature: string]: Api.Name } = {
  "group.version": "ConsumerGroupHeartbeat",
  "share.version": "ShareGroupHeartbeat",
  "streams.version": "StreamsGroupHeartbeat"
}

/**
 * The handler of ApiVersions, for the APIs of these handlers and its own.
 *
 * @since 0.1.0
 */
export const handler = (others: ReadonlyArray<Handler.Handler>) =>
  Handler.make(
    ApiVersionsRequest,
    ApiVersionsResponse,
    Effect.gen(function*() {
      const { committedOffset, image } = yield* Controller
      const apis = others.map((handler) => versionsOf(handler.api))
      const isServed = ({ name }: { readonly name: string }): boolean =>
        apiOfFeature[name] === undefined || others.some(({ api }) => api.name === apiOfFeature[name])
      const refused = (errorCode: number, apiKeys: Response["apiKeys"]): Response => ({
        errorCode,
        apiKeys,
        throttleTimeMs: 0
      })
      return (request: ApiVersionsRequest | undefined, { connection, version }) =>
        Effect.sync((): Response => {
          if (request === undefined) return refused(ErrorCode.UNSUPPORTED_VERSION, [own])
          if (version >= 3) {
            const { clientSoftwareName, clientSoftwareVersion } = request
            if (!softwareName.test(clientSoftwareName) || !softwareName.test(clientSoftwareVersion)) {
              return refused(ErrorCode.INVALID_REQUEST, [])
            }
            connection.softwareName = clientSoftwareName
            connection.softwareVersion = clientSoftwareVersion
          }
          return {
            errorCode: 0,
            apiKeys: [...apis, own].sort((a, b) => a.apiKey - b.apiKey),
            throttleTimeMs: 0,
            supportedFeatures: supportedFeatures.filter(isServed).filter(({ minVersion }) =>
              version >= 4 || minVersion > 0
            ),
            finalizedFeaturesEpoch: committedOffset(),
            finalizedFeatures: [...image.features].map(([name, level]) => ({
              name,
              maxVersionLevel: level,
              minVersionLevel: level
            })),
            zkMigrationReady: false
          }
        })
    })
  )
