/**
 * ListGroups (key 16): lists the groups that a broker coordinates.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const ListGroupsRequest = Message.request("ListGroupsRequest", { apiKey: 16, versions: "0-5", flexible: "3+" }, {
  statesFilter: array({ since: 4 }, string()),
  typesFilter: array({ since: 5 }, string())
})

/** What decoding gives. @since 0.1.0 */
export type ListGroupsRequest = Message.Type<typeof ListGroupsRequest>

/**
 * The response, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const ListGroupsResponse = Message.response("ListGroupsResponse", {
  apiKey: 16,
  versions: "0-5",
  flexible: "3+"
}, {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  groups: array({
    groupId: string(),
    protocolType: string(),
    groupState: string({ since: 4, ignorable: true }),
    groupType: string({ since: 5, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListGroupsResponse = Message.Type<typeof ListGroupsResponse>
