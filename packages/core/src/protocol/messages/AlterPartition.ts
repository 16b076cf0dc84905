/**
 * AlterPartition: asks the controller to change the in-sync replicas of a partition.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, int8, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AlterPartitionRequest = Message.request(Api.byName("AlterPartition"), {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
  topics: array({
    topicId: uuid({ ignorable: true }),
    partitions: array({
      partitionIndex: int32(),
      leaderEpoch: int32(),
      newIsr: array({ until: 2 }, int32()),
      newIsrWithEpochs: array({ since: 3 }, {
        brokerId: int32(),
        brokerEpoch: int64({ default: -1 })
      }),
      leaderRecoveryState: int8({ default: 0 }),
      partitionEpoch: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterPartitionRequest = Message.Type<typeof AlterPartitionRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterPartitionResponse = Message.response(Api.byName("AlterPartition"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  topics: array({
    topicId: uuid({ ignorable: true }),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
      isr: array(int32()),
      leaderRecoveryState: int8({ default: 0, ignorable: true }),
      partitionEpoch: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterPartitionResponse = Message.Type<typeof AlterPartitionResponse>
