/**
 * ConsumerGroupCurrentMemberAssignment (type 8 of `__consumer_offsets`): the current assignment of a member of a consumer group.
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
export const ConsumerGroupCurrentMemberAssignmentKey = Message.coordinatorKey(
  "ConsumerGroupCurrentMemberAssignmentKey",
  { apiKey: 8, versions: "0" },
  {
    groupId: string(),
    memberId: string()
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupCurrentMemberAssignmentKey = Message.Type<typeof ConsumerGroupCurrentMemberAssignmentKey>

const TopicPartitions = {
  topicId: uuid(),
  partitions: array(int32()),
  assignmentEpochs: array({ nullable: true, tag: 0 }, int32())
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupCurrentMemberAssignmentValue = Message.coordinatorValue(
  "ConsumerGroupCurrentMemberAssignmentValue",
  { apiKey: 8, versions: "0", flexible: "0+" },
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    assignedPartitions: array(TopicPartitions),
    partitionsPendingRevocation: array(TopicPartitions)
  }
)

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupCurrentMemberAssignmentValue = Message.Type<typeof ConsumerGroupCurrentMemberAssignmentValue>
