/**
 * Heartbeat: tells the coordinator of a classic group that a member lives.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const HeartbeatRequest = Message.request(Api.byName("Heartbeat"), {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: true, default: null })
})

/** What decoding gives. @since 0.1.0 */
export type HeartbeatRequest = Message.Type<typeof HeartbeatRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const HeartbeatResponse = Message.response(Api.byName("Heartbeat"), {
  throttleTimeMs: int32({ since: 1, ignorable: true }),
  errorCode: int16()
})

/** What decoding gives. @since 0.1.0 */
export type HeartbeatResponse = Message.Type<typeof HeartbeatResponse>
