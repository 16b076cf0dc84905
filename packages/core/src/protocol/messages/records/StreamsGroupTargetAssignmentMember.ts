/**
 * StreamsGroupTargetAssignmentMember (type 21 of `__consumer_offsets`): the target tasks of a member of a streams group.
 *
 * @since 0.1.0
 */
import { array, int32, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const StreamsGroupTargetAssignmentMemberKey = Message.coordinatorKey("StreamsGroupTargetAssignmentMemberKey", {
  apiKey: 21,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTargetAssignmentMemberKey = Message.Type<typeof StreamsGroupTargetAssignmentMemberKey>

const TaskIds = {
  subtopologyId: string(),
  partitions: array(int32())
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const StreamsGroupTargetAssignmentMemberValue = Message.coordinatorValue(
  "StreamsGroupTargetAssignmentMemberValue",
  { apiKey: 21, versions: "0", flexible: "0+" },
  {
    activeTasks: array(TaskIds),
    standbyTasks: array(TaskIds),
    warmupTasks: array(TaskIds)
  }
)

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupTargetAssignmentMemberValue = Message.Type<typeof StreamsGroupTargetAssignmentMemberValue>
