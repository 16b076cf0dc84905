/**
 * ShareGroupHeartbeat (key 76): joins, keeps and leaves a share group (KIP-932).
 *
 * @since 0.1.0
 */
import { array, int16, int32, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 1.
 *
 * @since 0.1.0
 */
export const ShareGroupHeartbeatRequest = Message.request("ShareGroupHeartbeatRequest", {
  apiKey: 76,
  versions: "1",
  flexible: "0+"
}, {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  rackId: string({ nullable: true, default: null }),
  subscribedTopicNames: array({ nullable: true, default: null }, string())
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupHeartbeatRequest = Message.Type<typeof ShareGroupHeartbeatRequest>

const TopicPartitions = {
  topicId: uuid(),
  partitions: array(int32())
}

/**
 * The response, version 1.
 *
 * @since 0.1.0
 */
export const ShareGroupHeartbeatResponse = Message.response("ShareGroupHeartbeatResponse", {
  apiKey: 76,
  versions: "1",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  memberId: string({ nullable: true, default: null }),
  memberEpoch: int32(),
  heartbeatIntervalMs: int32(),
  assignment: struct({ nullable: true, default: null }, {
    topicPartitions: array(TopicPartitions)
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupHeartbeatResponse = Message.Type<typeof ShareGroupHeartbeatResponse>
