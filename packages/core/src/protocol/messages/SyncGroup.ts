/**
 * SyncGroup: hands the leader's assignment of a classic group to its members.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, bytes, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const SyncGroupRequest = Message.request(Api.byName("SyncGroup"), {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: true, default: null }),
  protocolType: string({ since: 5, nullable: true, default: null, ignorable: true }),
  protocolName: string({ since: 5, nullable: true, default: null, ignorable: true }),
  assignments: array({
    memberId: string(),
    assignment: bytes()
  })
})

/** What decoding gives. @since 0.1.0 */
export type SyncGroupRequest = Message.Type<typeof SyncGroupRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const SyncGroupResponse = Message.response(Api.byName("SyncGroup"), {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16(),
  protocolType: string({ since: 5, nullable: true, default: null, ignorable: true }),
  protocolName: string({ since: 5, nullable: true, default: null, ignorable: true }),
  assignment: bytes()
})

/** What decoding gives. @since 0.1.0 */
export type SyncGroupResponse = Message.Type<typeof SyncGroupResponse>
