/**
 * ShareGroupStatePartitionMetadata (type 15 of `__consumer_offsets`): which partitions of a share group have state.
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
export const ShareGroupStatePartitionMetadataKey = Message.coordinatorKey("ShareGroupStatePartitionMetadataKey", {
  apiKey: 15,
  versions: "0"
}, {
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupStatePartitionMetadataKey = Message.Type<typeof ShareGroupStatePartitionMetadataKey>

const TopicPartitionsInfo = {
  topicId: uuid(),
  topicName: string(),
  partitions: array(int32())
}

const TopicInfo = {
  topicId: uuid(),
  topicName: string()
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupStatePartitionMetadataValue = Message.coordinatorValue("ShareGroupStatePartitionMetadataValue", {
  apiKey: 15,
  versions: "0",
  flexible: "0+"
}, {
  initializingTopics: array(TopicPartitionsInfo),
  initializedTopics: array(TopicPartitionsInfo),
  deletingTopics: array(TopicInfo)
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupStatePartitionMetadataValue = Message.Type<typeof ShareGroupStatePartitionMetadataValue>
