/**
 * IncrementalAlterConfigs (key 44): changes single settings of resources.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const IncrementalAlterConfigsRequest = Message.request("IncrementalAlterConfigsRequest", {
  apiKey: 44,
  versions: "0-1",
  flexible: "1+"
}, {
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
 * The response, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const IncrementalAlterConfigsResponse = Message.response("IncrementalAlterConfigsResponse", {
  apiKey: 44,
  versions: "0-1",
  flexible: "1+"
}, {
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
