/**
 * ListGroups: lists the groups that a broker coordinates.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ListGroupsRequest = Message.request(Api.byName("ListGroups"), {
  statesFilter: array({ since: 4 }, string()),
  typesFilter: array({ since: 5 }, string())
})

/** What decoding gives. @since 0.1.0 */
export type ListGroupsRequest = Message.Type<typeof ListGroupsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ListGroupsResponse = Message.response(Api.byName("ListGroups"), {
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
