/**
 * DescribeAcls: lists access control entries.
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
export const DescribeAclsRequest = Message.request(Api.byName("DescribeAcls"), {
  resourceTypeFilter: int8(),
  resourceNameFilter: string({ nullable: true }),
  patternTypeFilter: int8({ default: 3 }),
  principalFilter: string({ nullable: true }),
  hostFilter: string({ nullable: true }),
  operation: int8(),
  permissionType: int8()
})

/** What decoding gives. @since 0.1.0 */
export type DescribeAclsRequest = Message.Type<typeof DescribeAclsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeAclsResponse = Message.response(Api.byName("DescribeAcls"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    patternType: int8({ default: 3 }),
    acls: array({
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeAclsResponse = Message.Type<typeof DescribeAclsResponse>
