/**
 * StreamsGroupDescribe: describes streams groups (KIP-1071).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string, struct, uint16 } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const StreamsGroupDescribeRequest = Message.request(Api.byName("StreamsGroupDescribe"), {
  groupIds: array(string()),
  includeAuthorizedOperations: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupDescribeRequest = Message.Type<typeof StreamsGroupDescribeRequest>

const KeyValue = {
  key: string(),
  value: string()
}

const TopicInfo = {
  name: string(),
  partitions: int32(),
  replicationFactor: int16(),
  topicConfigs: array(KeyValue)
}

const Endpoint = {
  host: string(),
  port: uint16()
}

const TaskOffset = {
  subtopologyId: string(),
  partition: int32(),
  offset: int64()
}

const TaskIds = {
  subtopologyId: string(),
  partitions: array(int32())
}

const Assignment = {
  activeTasks: array(TaskIds),
  standbyTasks: array(TaskIds),
  warmupTasks: array(TaskIds)
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const StreamsGroupDescribeResponse = Message.response(Api.byName("StreamsGroupDescribe"), {
  throttleTimeMs: int32(),
  groups: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null }),
    groupId: string(),
    groupState: string(),
    groupEpoch: int32(),
    assignmentEpoch: int32(),
    topology: struct({ nullable: true, default: null }, {
      epoch: int32(),
      subtopologies: array({ nullable: true, default: null }, {
        subtopologyId: string(),
        sourceTopics: array(string()),
        repartitionSinkTopics: array(string()),
        stateChangelogTopics: array(TopicInfo),
        repartitionSourceTopics: array(TopicInfo)
      })
    }),
    members: array({
      memberId: string(),
      memberEpoch: int32(),
      instanceId: string({ nullable: true, default: null }),
      rackId: string({ nullable: true, default: null }),
      clientId: string(),
      clientHost: string(),
      topologyEpoch: int32(),
      processId: string(),
      userEndpoint: struct({ nullable: true, default: null }, Endpoint),
      clientTags: array(KeyValue),
      taskOffsets: array(TaskOffset),
      taskEndOffsets: array(TaskOffset),
      assignment: struct(Assignment),
      targetAssignment: struct(Assignment),
      isClassic: boolean()
    }),
    authorizedOperations: int32({ default: -0x80000000 })
  })
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupDescribeResponse = Message.Type<typeof StreamsGroupDescribeResponse>
