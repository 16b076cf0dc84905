/**
 * JoinGroup: joins a classic group, and waits until the others have joined too.
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
export const JoinGroupRequest = Message.request(Api.byName("JoinGroup"), {
  groupId: string(),
  sessionTimeoutMs: int32(),
  rebalanceTimeoutMs: int32({ since: 1, default: -1, ignorable: true }),
  memberId: string(),
  groupInstanceId: string({ since: 5, nullable: true, default: null }),
  protocolType: string(),
  protocols: array({
    name: string(),
    metadata: bytes()
  }),
  reason: string({ since: 8, nullable: true, default: null, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type JoinGroupRequest = Message.Type<typeof JoinGroupRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const JoinGroupResponse = Message.response(Api.byName("JoinGroup"), {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  errorCode: int16(),
  generationId: int32({ default: -1 }),
  protocolType: string({ since: 7, nullable: true, default: null, ignorable: true }),
  protocolName: string({ nullableSince: 7 }),
  leader: string(),
  skipAssignment: boolean({ since: 9, default: false }),
  memberId: string(),
  members: array({
    memberId: string(),
    groupInstanceId: string({ since: 5, nullable: true, default: null, ignorable: true }),
    metadata: bytes()
  })
})

/** What decoding gives. @since 0.1.0 */
export type JoinGroupResponse = Message.Type<typeof JoinGroupResponse>
