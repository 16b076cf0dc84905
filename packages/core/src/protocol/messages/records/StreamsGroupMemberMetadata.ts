/**
 * StreamsGroupMemberMetadata (type 19 of `__consumer_offsets`): what a member of a streams group is and can do.
 *
 * @since 0.1.0
 */
import { array, int32, string, struct, uint16 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const StreamsGroupMemberMetadataKey = Message.coordinatorKey("StreamsGroupMemberMetadataKey", {
  apiKey: 19,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupMemberMetadataKey = Message.Type<typeof StreamsGroupMemberMetadataKey>

const Endpoint = {
  host: string(),
  port: uint16()
}

const KeyValue = {
  key: string(),
  value: string()
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupMemberMetadataValue = Message.coordinatorValue("StreamsGroupMemberMetadataValue", {
  apiKey: 19,
  versions: "0",
  flexible: "0+"
}, {
  instanceId: string({ nullable: true }),
  rackId: string({ nullable: true }),
  clientId: string(),
  clientHost: string(),
  rebalanceTimeoutMs: int32({ default: -1 }),
  topologyEpoch: int32(),
  processId: string(),
  userEndpoint: struct({ nullable: true, default: null }, Endpoint),
  clientTags: array(KeyValue)
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupMemberMetadataValue = Message.Type<typeof StreamsGroupMemberMetadataValue>
