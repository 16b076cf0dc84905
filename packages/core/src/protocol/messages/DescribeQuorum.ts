/**
 * DescribeQuorum (key 55): describes the quorum: its leader, voters and observers.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DescribeQuorumRequest = Message.request("DescribeQuorumRequest", {
  apiKey: 55,
  versions: "0-2",
  flexible: "0+"
}, {
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
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DescribeQuorumResponse = Message.response("DescribeQuorumResponse", {
  apiKey: 55,
  versions: "0-2",
  flexible: "0+"
}, {
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
