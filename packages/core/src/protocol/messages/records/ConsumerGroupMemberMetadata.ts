/**
 * ConsumerGroupMemberMetadata (type 5 of `__consumer_offsets`): what a member of a consumer group subscribes to.
 *
 * @since 0.1.0
 */
import { array, bytes, int32, string, struct } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ConsumerGroupMemberMetadataKey = Message.coordinatorKey("ConsumerGroupMemberMetadataKey", {
  apiKey: 5,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupMemberMetadataKey = Message.Type<typeof ConsumerGroupMemberMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupMemberMetadataValue = Message.coordinatorValue("ConsumerGroupMemberMetadataValue", {
  apiKey: 5,
  versions: "0",
  flexible: "0+"
}, {
  instanceId: string({ nullable: true }),
  rackId: string({ nullable: true }),
  clientId: string(),
  clientHost: string(),
  subscribedTopicNames: array(string()),
  subscribedTopicRegex: string({ nullable: true }),
  rebalanceTimeoutMs: int32({ default: -1 }),
  serverAssignor: string({ nullable: true }),
  classicMemberMetadata: struct({ nullable: true, tag: 0 }, {
    sessionTimeoutMs: int32(),
    supportedProtocols: array({
      name: string(),
      metadata: bytes()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupMemberMetadataValue = Message.Type<typeof ConsumerGroupMemberMetadataValue>
