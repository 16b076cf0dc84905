/**
 * DeleteAcls (key 31): deletes access control entries.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const DeleteAclsRequest = Message.request("DeleteAclsRequest", { apiKey: 31, versions: "1-3", flexible: "2+" }, {
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
 * The response, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const DeleteAclsResponse = Message.response("DeleteAclsResponse", {
  apiKey: 31,
  versions: "1-3",
  flexible: "2+"
}, {
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
