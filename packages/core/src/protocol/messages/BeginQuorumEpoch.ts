/**
 * BeginQuorumEpoch: tells the voters who leads the quorum from now on.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const BeginQuorumEpochRequest = Message.request(Api.byName("BeginQuorumEpoch"), {
  clusterId: string({ nullable: true, default: null }),
  voterId: int32({ since: 1, default: -1, ignorable: true }),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      voterDirectoryId: uuid({ since: 1, ignorable: true }),
      leaderId: int32(),
      leaderEpoch: int32()
    })
  }),
  leaderEndpoints: array({ since: 1, ignorable: true }, {
    name: string(),
    host: string(),
    port: uint16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type BeginQuorumEpochRequest = Message.Type<typeof BeginQuorumEpochRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const BeginQuorumEpochResponse = Message.response(Api.byName("BeginQuorumEpoch"), {
  errorCode: int16(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32()
    })
  }),
  nodeEndpoints: array({ since: 1, tag: 0 }, {
    nodeId: int32(),
    host: string(),
    port: uint16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type BeginQuorumEpochResponse = Message.Type<typeof BeginQuorumEpochResponse>
