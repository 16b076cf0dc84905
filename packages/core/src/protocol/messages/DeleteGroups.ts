/**
 * DeleteGroups (key 42): deletes groups that have no members.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DeleteGroupsRequest = Message.request("DeleteGroupsRequest", {
  apiKey: 42,
  versions: "0-2",
  flexible: "2+"
}, {
  groupsNames: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type DeleteGroupsRequest = Message.Type<typeof DeleteGroupsRequest>

/**
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DeleteGroupsResponse = Message.response("DeleteGroupsResponse", {
  apiKey: 42,
  versions: "0-2",
  flexible: "2+"
}, {
  throttleTimeMs: int32(),
  results: array({
    groupId: string(),
    errorCode: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteGroupsResponse = Message.Type<typeof DeleteGroupsResponse>
