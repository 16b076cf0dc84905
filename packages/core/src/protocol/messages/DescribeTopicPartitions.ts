/**
 * DescribeTopicPartitions: describes topics page by page, eligible leader replicas included.
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
export const DescribeTopicPartitionsRequest = Message.request(Api.byName("DescribeTopicPartitions"), {
  topics: array({
    name: string()
  }),
  responsePartitionLimit: int32({ default: 2000 }),
  cursor: struct({ nullable: true, default: null }, {
    topicName: string(),
    partitionIndex: int32()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeTopicPartitionsRequest = Message.Type<typeof DescribeTopicPartitionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeTopicPartitionsResponse = Message.response(Api.byName("DescribeTopicPartitions"), {
  throttleTimeMs: int32({ ignorable: true }),
  topics: array({
    errorCode: int16(),
    name: string({ nullable: true }),
    topicId: uuid({ ignorable: true }),
    isInternal: boolean({ default: false, ignorable: true }),
    partitions: array({
      errorCode: int16(),
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32({ default: -1, ignorable: true }),
      replicaNodes: array(int32()),
      isrNodes: array(int32()),
      eligibleLeaderReplicas: array({ nullable: true, default: null }, int32()),
      lastKnownElr: array({ nullable: true, default: null }, int32()),
      offlineReplicas: array({ ignorable: true }, int32())
    }),
    topicAuthorizedOperations: int32({ default: -0x80000000 })
  }),
  nextCursor: struct({ nullable: true, default: null }, {
    topicName: string(),
    partitionIndex: int32()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeTopicPartitionsResponse = Message.Type<typeof DescribeTopicPartitionsResponse>
