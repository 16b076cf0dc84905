/**
 * LeaveGroup: takes members out of a classic group.
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
export const LeaveGroupRequest = Message.request(Api.byName("LeaveGroup"), {
  groupId: string(),
  memberId: string({ until: 2 }),
  members: array({ since: 3 }, {
    memberId: string(),
    groupInstanceId: string({ nullable: true, default: null }),
    reason: string({ since: 5, nullable: true, default: null, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type LeaveGroupRequest = Message.Type<typeof LeaveGroupRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const LeaveGroupResponse = Message.response(Api.byName("LeaveGroup"), {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  members: array({ since: 3 }, {
    memberId: string(),
    groupInstanceId: string({ nullable: true }),
    errorCode: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type LeaveGroupResponse = Message.Type<typeof LeaveGroupResponse>
