/**
 * DescribeQuorum: describes the quorum: its leader, voters and observers.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeQuorumRequest = Message.request(Api.byName("DescribeQuorum"), {
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeQuorumRequest = Message.Type<typeof DescribeQuorumRequest>

const ReplicaState = {
  replicaId: int32(),
  replicaDirectoryId: uuid({ since: 2 }),
  logEndOffset: int64(),
  lastFetchTimestamp: int64({ since: 1, default: -1, ignorable: true }),
  lastCaughtUpTimestamp: int64({ since: 1, default: -1, ignorable: true })
}

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeQuorumResponse = Message.response(Api.byName("DescribeQuorum"), {
  errorCode: int16(),
  errorMessage: string({ since: 2, nullable: true, ignorable: true }),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ since: 2, nullable: true, ignorable: true }),
      leaderId: int32(),
      leaderEpoch: int32(),
      highWatermark: int64(),
      currentVoters: array(ReplicaState),
      observers: array(ReplicaState)
    })
  }),
  nodes: array({ since: 2 }, {
    nodeId: int32(),
    listeners: array({
      name: string(),
      host: string(),
      port: uint16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeQuorumResponse = Message.Type<typeof DescribeQuorumResponse>
