/**
 * ConsumerGroupDescribe: describes consumer groups (KIP-848).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ConsumerGroupDescribeRequest = Message.request(Api.byName("ConsumerGroupDescribe"), {
  groupIds: array(string()),
  includeAuthorizedOperations: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupDescribeRequest = Message.Type<typeof ConsumerGroupDescribeRequest>

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
export const ConsumerGroupDescribeResponse = Message.response(Api.byName("ConsumerGroupDescribe"), {
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
      instanceId: string({ nullable: true, default: null }),
      rackId: string({ nullable: true, default: null }),
      memberEpoch: int32(),
      clientId: string(),
      clientHost: string(),
      subscribedTopicNames: array(string()),
      subscribedTopicRegex: string({ nullable: true, default: null }),
      assignment: struct(Assignment),
      targetAssignment: struct(Assignment),
      memberType: int8({ since: 1, default: -1, ignorable: true })
    }),
    authorizedOperations: int32({ default: -0x80000000 })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupDescribeResponse = Message.Type<typeof ConsumerGroupDescribeResponse>
