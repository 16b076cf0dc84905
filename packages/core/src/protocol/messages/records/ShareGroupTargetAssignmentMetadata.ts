/**
 * ShareGroupTargetAssignmentMetadata (type 12 of `__consumer_offsets`): the epoch of a share group's target assignment.
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
export const ShareGroupTargetAssignmentMetadataKey = Message.coordinatorKey("ShareGroupTargetAssignmentMetadataKey", {
  apiKey: 12,
  versions: "0"
}, {
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupTargetAssignmentMetadataKey = Message.Type<typeof ShareGroupTargetAssignmentMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupTargetAssignmentMetadataValue = Message.coordinatorValue(
  "ShareGroupTargetAssignmentMetadataValue",
  { apiKey: 12, versions: "0", flexible: "0+" },
  {
    assignmentEpoch: int32(),
    assignmentTimestamp: int64({ default: 0, tag: 0, ignorable: true })
  }
)

/** What decoding gives. @since 0.1.0 */
export type ShareGroupTargetAssignmentMetadataValue = Message.Type<typeof ShareGroupTargetAssignmentMetadataValue>
