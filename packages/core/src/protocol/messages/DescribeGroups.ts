/**
 * DescribeGroups: describes classic groups and their members.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, bytes, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeGroupsRequest = Message.request(Api.byName("DescribeGroups"), {
  groups: array(string()),
  includeAuthorizedOperations: boolean({ since: 3 })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeGroupsRequest = Message.Type<typeof DescribeGroupsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeGroupsResponse = Message.response(Api.byName("DescribeGroups"), {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  groups: array({
    errorCode: int16(),
    errorMessage: string({ since: 6, nullable: true, default: null }),
    groupId: string(),
    groupState: string(),
    protocolType: string(),
    protocolData: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ since: 4, nullable: true, default: null, ignorable: true }),
      clientId: string(),
      clientHost: string(),
      memberMetadata: bytes(),
      memberAssignment: bytes()
    }),
    authorizedOperations: int32({ since: 3, default: -0x80000000 })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeGroupsResponse = Message.Type<typeof DescribeGroupsResponse>
