/**
 * ConsumerGroupPartitionMetadata (type 4 of `__consumer_offsets`): the partitions that a consumer group knew (no longer written).
 *
 * @since 0.1.0
 */
import { array, int32, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ConsumerGroupPartitionMetadataKey = Message.coordinatorKey("ConsumerGroupPartitionMetadataKey", {
  apiKey: 4,
  versions: "0"
}, {
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupPartitionMetadataKey = Message.Type<typeof ConsumerGroupPartitionMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupPartitionMetadataValue = Message.coordinatorValue("ConsumerGroupPartitionMetadataValue", {
  apiKey: 4,
  versions: "0",
  flexible: "0+"
}, {
  topics: array({
    topicId: uuid(),
    topicName: string(),
    numPartitions: int32(),
    partitionMetadata: array({
      partition: int32(),
      racks: array(string())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupPartitionMetadataValue = Message.Type<typeof ConsumerGroupPartitionMetadataValue>
