/**
 * ShareGroupCurrentMemberAssignment (type 14 of `__consumer_offsets`): the current assignment of a member of a share group.
 *
 * @since 0.1.0
 */
import { array, int32, int8, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ShareGroupCurrentMemberAssignmentKey = Message.coordinatorKey("ShareGroupCurrentMemberAssignmentKey", {
  apiKey: 14,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupCurrentMemberAssignmentKey = Message.Type<typeof ShareGroupCurrentMemberAssignmentKey>

const TopicPartitions = {
  topicId: uuid(),
  partitions: array(int32())
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupCurrentMemberAssignmentValue = Message.coordinatorValue(
  "ShareGroupCurrentMemberAssignmentValue",
  { apiKey: 14, versions: "0", flexible: "0+" },
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    assignedPartitions: array(TopicPartitions)
  }
)

/** What decoding gives. @since 0.1.0 */
export type ShareGroupCurrentMemberAssignmentValue = Message.Type<typeof ShareGroupCurrentMemberAssignmentValue>
