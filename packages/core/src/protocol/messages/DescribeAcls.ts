/**
 * DescribeAcls (key 29): lists access control entries.
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
export const DescribeAclsRequest = Message.request("DescribeAclsRequest", {
  apiKey: 29,
  versions: "1-3",
  flexible: "2+"
}, {
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
 * The response, versions 1 to 3.
 *
 * @since 0.1.0
 */
export const DescribeAclsResponse = Message.response("DescribeAclsResponse", {
  apiKey: 29,
  versions: "1-3",
  flexible: "2+"
}, {
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
