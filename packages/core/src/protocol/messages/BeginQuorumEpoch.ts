/**
 * BeginQuorumEpoch (key 53): tells the voters who leads the quorum from now on.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const BeginQuorumEpochRequest = Message.request("BeginQuorumEpochRequest", {
  apiKey: 53,
  versions: "0-1",
  flexible: "1+"
}, {
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
 * The response, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const BeginQuorumEpochResponse = Message.response("BeginQuorumEpochResponse", {
  apiKey: 53,
  versions: "0-1",
  flexible: "1+"
}, {
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
