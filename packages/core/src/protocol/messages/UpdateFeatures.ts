/**
 * UpdateFeatures: changes the finalized features of a cluster.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const UpdateFeaturesRequest = Message.request(Api.byName("UpdateFeatures"), {
  timeoutMs: int32({ default: 60000 }),
  featureUpdates: array({
    feature: string(),
    maxVersionLevel: int16(),
    allowDowngrade: boolean({ until: 0 }),
    upgradeType: int8({ since: 1, default: 1 })
  }),
  validateOnly: boolean({ since: 1, default: false })
})

/** What decoding gives. @since 0.1.0 */
export type UpdateFeaturesRequest = Message.Type<typeof UpdateFeaturesRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const UpdateFeaturesResponse = Message.response(Api.byName("UpdateFeatures"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  results: array({ until: 1, ignorable: true }, {
    feature: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type UpdateFeaturesResponse = Message.Type<typeof UpdateFeaturesResponse>
