/**
 * SyncGroup (key 14): hands the leader's assignment of a classic group to its members.
 *
 * @since 0.1.0
 */
import { array, bytes, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const SyncGroupRequest = Message.request("SyncGroupRequest", { apiKey: 14, versions: "0-5", flexible: "4+" }, {
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
 * The response, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const SyncGroupResponse = Message.response(
  "SyncGroupResponse",
  { apiKey: 14, versions: "0-5", flexible: "4+" },
  {
    throttleTimeMs: int32({ since: 1, ignorable: true }),
    errorCode: int16(),
    protocolType: string({ since: 5, nullable: true, default: null, ignorable: true }),
    protocolName: string({ since: 5, nullable: true, default: null, ignorable: true }),
    assignment: bytes()
  }
)

/** What decoding gives. @since 0.1.0 */
export type SyncGroupResponse = Message.Type<typeof SyncGroupResponse>
