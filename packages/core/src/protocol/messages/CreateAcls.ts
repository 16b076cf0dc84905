/**
 * CreateAcls: creates access control entries.
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
export const CreateAclsRequest = Message.request(Api.byName("CreateAcls"), {
  creations: array({
    resourceType: int8(),
    resourceName: string(),
    resourcePatternType: int8({ default: 3 }),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8()
  })
})

/** What decoding gives. @since 0.1.0 */
export type CreateAclsRequest = Message.Type<typeof CreateAclsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const CreateAclsResponse = Message.response(Api.byName("CreateAcls"), {
  throttleTimeMs: int32(),
  results: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type CreateAclsResponse = Message.Type<typeof CreateAclsResponse>
