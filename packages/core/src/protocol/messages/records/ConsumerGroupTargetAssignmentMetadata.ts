/**
 * ConsumerGroupTargetAssignmentMetadata (type 6 of `__consumer_offsets`): the epoch of a consumer group's target assignment.
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
export const ConsumerGroupTargetAssignmentMetadataKey = Message.coordinatorKey(
  "ConsumerGroupTargetAssignmentMetadataKey",
  { apiKey: 6, versions: "0" },
  {
    groupId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupTargetAssignmentMetadataKey = Message.Type<typeof ConsumerGroupTargetAssignmentMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupTargetAssignmentMetadataValue = Message.coordinatorValue(
  "ConsumerGroupTargetAssignmentMetadataValue",
  { apiKey: 6, versions: "0", flexible: "0+" },
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64({ default: 0, tag: 0, ignorable: true })
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupTargetAssignmentMetadataValue = Message.Type<typeof ConsumerGroupTargetAssignmentMetadataValue>
