/**
 * StreamsGroupHeartbeat: joins, keeps, reconciles and leaves a streams group (KIP-1071).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, int8, string, struct, uint16 } from "../Field.ts"
import * as Message from "../Message.ts"

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

const TaskIds = {
  subtopologyId: string(),
  partitions: array(int32())
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

/**
 * The request.
 *
 * @since 0.1.0
 */
export const StreamsGroupHeartbeatRequest = Message.request(Api.byName("StreamsGroupHeartbeat"), {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  endpointInformationEpoch: int32(),
  instanceId: string({ nullable: true, default: null }),
  rackId: string({ nullable: true, default: null }),
  rebalanceTimeoutMs: int32({ default: -1 }),
  topology: struct({ nullable: true, default: null }, {
    epoch: int32(),
    subtopologies: array({
      subtopologyId: string(),
      sourceTopics: array(string()),
      sourceTopicRegex: array(string()),
      stateChangelogTopics: array(TopicInfo),
      repartitionSinkTopics: array(string()),
      repartitionSourceTopics: array(TopicInfo),
      copartitionGroups: array({
        sourceTopics: array(int16()),
        sourceTopicRegex: array(int16()),
        repartitionSourceTopics: array(int16())
      })
    })
  }),
  activeTasks: array({ nullable: true, default: null }, TaskIds),
  standbyTasks: array({ nullable: true, default: null }, TaskIds),
  warmupTasks: array({ nullable: true, default: null }, TaskIds),
  processId: string({ nullable: true, default: null }),
  userEndpoint: struct({ nullable: true, default: null }, Endpoint),
  clientTags: array({ nullable: true, default: null }, KeyValue),
  taskOffsets: array({ nullable: true, default: null }, TaskOffset),
  taskEndOffsets: array({ nullable: true, default: null }, TaskOffset),
  shutdownApplication: boolean({ default: false })
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupHeartbeatRequest = Message.Type<typeof StreamsGroupHeartbeatRequest>

const Status = {
  statusCode: int8(),
  statusDetail: string()
}

const TopicPartition = {
  topic: string(),
  partitions: array(int32())
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const StreamsGroupHeartbeatResponse = Message.response(Api.byName("StreamsGroupHeartbeat"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  memberId: string(),
  memberEpoch: int32(),
  heartbeatIntervalMs: int32(),
  acceptableRecoveryLag: int32(),
  taskOffsetIntervalMs: int32(),
  status: array({ nullable: true }, Status),
  activeTasks: array({ nullable: true, default: null }, TaskIds),
  standbyTasks: array({ nullable: true, default: null }, TaskIds),
  warmupTasks: array({ nullable: true, default: null }, TaskIds),
  endpointInformationEpoch: int32(),
  partitionsByUserEndpoint: array({ nullable: true, default: null }, {
    userEndpoint: struct(Endpoint),
    activePartitions: array(TopicPartition),
    standbyPartitions: array(TopicPartition)
  })
})

/** What decoding gives. @since 0.1.0 */
export type StreamsGroupHeartbeatResponse = Message.Type<typeof StreamsGroupHeartbeatResponse>
