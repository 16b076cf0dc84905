/**
 * AlterConfigs (key 33): replaces the configuration of resources.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const AlterConfigsRequest = Message.request("AlterConfigsRequest", {
  apiKey: 33,
  versions: "0-2",
  flexible: "2+"
}, {
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
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const AlterConfigsResponse = Message.response("AlterConfigsResponse", {
  apiKey: 33,
  versions: "0-2",
  flexible: "2+"
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
export type AlterConfigsResponse = Message.Type<typeof AlterConfigsResponse>
