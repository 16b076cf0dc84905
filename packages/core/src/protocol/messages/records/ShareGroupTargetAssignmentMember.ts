/**
 * ShareGroupTargetAssignmentMember (type 13 of `__consumer_offsets`): the target assignment of a member of a share group.
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
export const ShareGroupTargetAssignmentMemberKey = Message.coordinatorKey("ShareGroupTargetAssignmentMemberKey", {
  apiKey: 13,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupTargetAssignmentMemberKey = Message.Type<typeof ShareGroupTargetAssignmentMemberKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupTargetAssignmentMemberValue = Message.coordinatorValue("ShareGroupTargetAssignmentMemberValue", {
  apiKey: 13,
  versions: "0",
  flexible: "0+"
}, {
  topicPartitions: array({
    topicId: uuid(),
    partitions: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupTargetAssignmentMemberValue = Message.Type<typeof ShareGroupTargetAssignmentMemberValue>
