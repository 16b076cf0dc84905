/**
 * DeleteAcls: deletes access control entries.
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
export const DeleteAclsRequest = Message.request(Api.byName("DeleteAcls"), {
  filters: array({
    resourceTypeFilter: int8(),
    resourceNameFilter: string({ nullable: true }),
    patternTypeFilter: int8({ default: 3 }),
    principalFilter: string({ nullable: true }),
    hostFilter: string({ nullable: true }),
    operation: int8(),
    permissionType: int8()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteAclsRequest = Message.Type<typeof DeleteAclsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteAclsResponse = Message.response(Api.byName("DeleteAcls"), {
  throttleTimeMs: int32(),
  filterResults: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    matchingAcls: array({
      errorCode: int16(),
      errorMessage: string({ nullable: true }),
      resourceType: int8(),
      resourceName: string(),
      patternType: int8({ default: 3 }),
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteAclsResponse = Message.Type<typeof DeleteAclsResponse>
