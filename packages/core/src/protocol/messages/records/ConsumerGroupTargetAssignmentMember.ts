/**
 * ConsumerGroupTargetAssignmentMember (type 7 of `__consumer_offsets`): the target assignment of a member of a consumer group.
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
export const ConsumerGroupTargetAssignmentMemberKey = Message.coordinatorKey("ConsumerGroupTargetAssignmentMemberKey", {
  apiKey: 7,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupTargetAssignmentMemberKey = Message.Type<typeof ConsumerGroupTargetAssignmentMemberKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupTargetAssignmentMemberValue = Message.coordinatorValue(
  "ConsumerGroupTargetAssignmentMemberValue",
  { apiKey: 7, versions: "0", flexible: "0+" },
  {
    topicPartitions: array({
      topicId: uuid(),
      partitions: array(int32())
    })
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupTargetAssignmentMemberValue = Message.Type<typeof ConsumerGroupTargetAssignmentMemberValue>
