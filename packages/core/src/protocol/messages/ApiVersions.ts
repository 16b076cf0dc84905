/**
 * ApiVersions: says which APIs a broker serves, in which versions, and which features are on.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ApiVersionsRequest = Message.request(Api.byName("ApiVersions"), {
  clientSoftwareName: string({ since: 3, ignorable: true }),
  clientSoftwareVersion: string({ since: 3, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ApiVersionsRequest = Message.Type<typeof ApiVersionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ApiVersionsResponse = Message.response(Api.byName("ApiVersions"), {
  errorCode: int16(),
  apiKeys: array({
    apiKey: int16(),
    minVersion: int16(),
    maxVersion: int16()
  }),
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  supportedFeatures: array({ since: 3, tag: 0, ignorable: true }, {
    name: string(),
    minVersion: int16(),
    maxVersion: int16()
  }),
  finalizedFeaturesEpoch: int64({ since: 3, default: -1, tag: 1, ignorable: true }),
  finalizedFeatures: array({ since: 3, tag: 2, ignorable: true }, {
    name: string(),
    maxVersionLevel: int16(),
    minVersionLevel: int16()
  }),
  zkMigrationReady: boolean({ since: 3, default: false, tag: 3, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ApiVersionsResponse = Message.Type<typeof ApiVersionsResponse>
