/**
 * StreamsGroupTargetAssignmentMetadata (type 20 of `__consumer_offsets`): the epoch of a streams group's target assignment.
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
export const StreamsGroupTargetAssignmentMetadataKey = Message.coordinatorKey(
  "StreamsGroupTargetAssignmentMetadataKey",
  { apiKey: 20, versions: "0" },
  {
    groupId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTargetAssignmentMetadataKey = Message.Type<typeof StreamsGroupTargetAssignmentMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupTargetAssignmentMetadataValue = Message.coordinatorValue(
  "StreamsGroupTargetAssignmentMetadataValue",
  { apiKey: 20, versions: "0", flexible: "0+" },
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64({ default: 0, tag: 0, ignorable: true })
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTargetAssignmentMetadataValue = Message.Type<typeof StreamsGroupTargetAssignmentMetadataValue>
