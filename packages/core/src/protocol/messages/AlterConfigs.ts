/**
 * AlterConfigs: replaces the configuration of resources.
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
export const AlterConfigsRequest = Message.request(Api.byName("AlterConfigs"), {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string({ nullable: true })
    })
  }),
  validateOnly: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type AlterConfigsRequest = Message.Type<typeof AlterConfigsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterConfigsResponse = Message.response(Api.byName("AlterConfigs"), {
  throttleTimeMs: int32(),
  responses: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    resourceType: int8(),
    resourceName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterConfigsResponse = Message.Type<typeof AlterConfigsResponse>
