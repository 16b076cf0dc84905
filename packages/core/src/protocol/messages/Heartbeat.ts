/**
 * Heartbeat (key 12): tells the coordinator of a classic group that a member lives.
 *
 * @since 0.1.0
 */
import { int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 4.
 *
 * @since 0.1.0
 */
export const HeartbeatRequest = Message.request("HeartbeatRequest", { apiKey: 12, versions: "0-4", flexible: "4+" }, {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: true, default: null })
})

/** What decoding gives. @since 0.1.0 */
export type HeartbeatRequest = Message.Type<typeof HeartbeatRequest>

/**
 * The response, versions 0 to 4.
 *
 * @since 0.1.0
 */
export const HeartbeatResponse = Message.response(
  "HeartbeatResponse",
  { apiKey: 12, versions: "0-4", flexible: "4+" },
  {
    throttleTimeMs: int32({ since: 1, ignorable: true }),
    errorCode: int16()
  }
)

/** What decoding gives. @since 0.1.0 */
export type HeartbeatResponse = Message.Type<typeof HeartbeatResponse>
