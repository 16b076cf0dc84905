/**
 * ConsumerGroupHeartbeat: joins, keeps, reconciles and leaves a consumer group (KIP-848).
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
export const ConsumerGroupHeartbeatRequest = Message.request(Api.byName("ConsumerGroupHeartbeat"), {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  instanceId: string({ nullable: true, default: null }),
  rackId: string({ nullable: true, default: null }),
  rebalanceTimeoutMs: int32({ default: -1 }),
  subscribedTopicNames: array({ nullable: true, default: null }, string()),
  subscribedTopicRegex: string({ since: 1, nullable: true, default: null }),
  serverAssignor: string({ nullable: true, default: null }),
  topicPartitions: array({ nullable: true, default: null }, {
    topicId: uuid(),
    partitions: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupHeartbeatRequest = Message.Type<typeof ConsumerGroupHeartbeatRequest>

const TopicPartitions = {
  topicId: uuid(),
  partitions: array(int32())
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ConsumerGroupHeartbeatResponse = Message.response(Api.byName("ConsumerGroupHeartbeat"), {
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
export type ConsumerGroupHeartbeatResponse = Message.Type<typeof ConsumerGroupHeartbeatResponse>
