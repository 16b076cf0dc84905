/**
 * ShareGroupHeartbeat: joins, keeps and leaves a share group (KIP-932).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ShareGroupHeartbeatRequest = Message.request(Api.byName("ShareGroupHeartbeat"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const ShareGroupHeartbeatResponse = Message.response(Api.byName("ShareGroupHeartbeat"), {
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
