/**
 * ShareGroupDescribe: describes share groups (KIP-932).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ShareGroupDescribeRequest = Message.request(Api.byName("ShareGroupDescribe"), {
  groupIds: array(string()),
  includeAuthorizedOperations: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupDescribeRequest = Message.Type<typeof ShareGroupDescribeRequest>

const TopicPartitions = {
  topicId: uuid(),
  topicName: string(),
  partitions: array(int32())
}

const Assignment = {
  topicPartitions: array(TopicPartitions)
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ShareGroupDescribeResponse = Message.response(Api.byName("ShareGroupDescribe"), {
  throttleTimeMs: int32(),
  groups: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null }),
    groupId: string(),
    groupState: string(),
    groupEpoch: int32(),
    assignmentEpoch: int32(),
    assignorName: string(),
    members: array({
      memberId: string(),
      rackId: string({ nullable: true, default: null }),
      memberEpoch: int32(),
      clientId: string(),
      clientHost: string(),
      subscribedTopicNames: array(string()),
      assignment: struct(Assignment)
    }),
    authorizedOperations: int32({ default: -0x80000000 })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupDescribeResponse = Message.Type<typeof ShareGroupDescribeResponse>
