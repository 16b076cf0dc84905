/**
 * DeleteGroups: deletes groups that have no members.
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
export const DeleteGroupsRequest = Message.request(Api.byName("DeleteGroups"), {
  groupsNames: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type DeleteGroupsRequest = Message.Type<typeof DeleteGroupsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteGroupsResponse = Message.response(Api.byName("DeleteGroups"), {
  throttleTimeMs: int32(),
  results: array({
    groupId: string(),
    errorCode: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteGroupsResponse = Message.Type<typeof DeleteGroupsResponse>
