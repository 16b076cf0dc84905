/**
 * IncrementalAlterConfigs: changes single settings of resources.
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
export const IncrementalAlterConfigsRequest = Message.request(Api.byName("IncrementalAlterConfigs"), {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      configOperation: int8(),
      value: string({ nullable: true })
    })
  }),
  validateOnly: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type IncrementalAlterConfigsRequest = Message.Type<typeof IncrementalAlterConfigsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const IncrementalAlterConfigsResponse = Message.response(Api.byName("IncrementalAlterConfigs"), {
  throttleTimeMs: int32(),
  responses: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    resourceType: int8(),
    resourceName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type IncrementalAlterConfigsResponse = Message.Type<typeof IncrementalAlterConfigsResponse>
