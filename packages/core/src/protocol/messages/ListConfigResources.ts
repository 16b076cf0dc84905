/**
 * ListConfigResources: lists the resources that have configuration.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ListConfigResourcesRequest = Message.request(Api.byName("ListConfigResources"), {
  resourceTypes: array({ since: 1 }, int8())
})

/** What decoding gives. @since 0.1.0 */
export type ListConfigResourcesRequest = Message.Type<typeof ListConfigResourcesRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ListConfigResourcesResponse = Message.response(Api.byName("ListConfigResources"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  configResources: array({
    resourceName: string(),
    resourceType: int8({ since: 1, default: 16, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListConfigResourcesResponse = Message.Type<typeof ListConfigResourcesResponse>
