/**
 * StreamsGroupCurrentMemberAssignment (type 22 of `__consumer_offsets`): the current tasks of a member of a streams group.
 *
 * @since 0.1.0
 */
import { array, int32, int8, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const StreamsGroupCurrentMemberAssignmentKey = Message.coordinatorKey("StreamsGroupCurrentMemberAssignmentKey", {
  apiKey: 22,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupCurrentMemberAssignmentKey = Message.Type<typeof StreamsGroupCurrentMemberAssignmentKey>

const TaskIds = {
  subtopologyId: string(),
  partitions: array(int32()),
  assignmentEpochs: array({ nullable: true, tag: 0 }, int32())
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupCurrentMemberAssignmentValue = Message.coordinatorValue(
  "StreamsGroupCurrentMemberAssignmentValue",
  { apiKey: 22, versions: "0", flexible: "0+" },
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    activeTasks: array(TaskIds),
    standbyTasks: array(TaskIds),
    warmupTasks: array(TaskIds),
    activeTasksPendingRevocation: array(TaskIds),
    standbyTasksPendingRevocation: array(TaskIds),
    warmupTasksPendingRevocation: array(TaskIds)
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupCurrentMemberAssignmentValue = Message.Type<typeof StreamsGroupCurrentMemberAssignmentValue>
