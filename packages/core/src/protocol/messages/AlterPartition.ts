/**
 * AlterPartition (key 56): asks the controller to change the in-sync replicas of a partition.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, int8, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 2 to 3.
 *
 * @since 0.1.0
 */
export const AlterPartitionRequest = Message.request("AlterPartitionRequest", {
  apiKey: 56,
  versions: "2-3",
  flexible: "0+"
}, {
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
 * The response, versions 2 to 3.
 *
 * @since 0.1.0
 */
export const AlterPartitionResponse = Message.response("AlterPartitionResponse", {
  apiKey: 56,
  versions: "2-3",
  flexible: "0+"
}, {
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
