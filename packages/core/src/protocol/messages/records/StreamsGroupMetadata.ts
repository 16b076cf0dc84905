/**
 * StreamsGroupMetadata (type 17 of `__consumer_offsets`): the epoch of a streams group, and what its last assignment was made with.
 *
 * @since 0.1.0
 */
import { array, int32, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const StreamsGroupMetadataKey = Message.coordinatorKey(
  "StreamsGroupMetadataKey",
  { apiKey: 17, versions: "0" },
  {
    groupId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupMetadataKey = Message.Type<typeof StreamsGroupMetadataKey>

const LastAssignmentConfig = {
  key: string(),
  value: string()
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupMetadataValue = Message.coordinatorValue("StreamsGroupMetadataValue", {
  apiKey: 17,
  versions: "0",
  flexible: "0+"
}, {
  epoch: int32(),
  metadataHash: int64(),
  validatedTopologyEpoch: int32({ default: -1, tag: 0 }),
  lastAssignmentConfigs: array({ nullable: true, tag: 1 }, LastAssignmentConfig)
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupMetadataValue = Message.Type<typeof StreamsGroupMetadataValue>
