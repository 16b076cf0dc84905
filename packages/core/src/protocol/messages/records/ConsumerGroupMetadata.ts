/**
 * ConsumerGroupMetadata (type 3 of `__consumer_offsets`): the epoch of a consumer group.
 *
 * @since 0.1.0
 */
import { int32, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ConsumerGroupMetadataKey = Message.coordinatorKey(
  "ConsumerGroupMetadataKey",
  { apiKey: 3, versions: "0" },
  {
    groupId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupMetadataKey = Message.Type<typeof ConsumerGroupMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupMetadataValue = Message.coordinatorValue("ConsumerGroupMetadataValue", {
  apiKey: 3,
  versions: "0",
  flexible: "0+"
}, {
  epoch: int32(),
  metadataHash: int64({ default: 0, tag: 0 })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupMetadataValue = Message.Type<typeof ConsumerGroupMetadataValue>
