/**
 * EndQuorumEpoch: tells the voters that the leader of the quorum resigns.
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
export const EndQuorumEpochRequest = Message.request(Api.byName("EndQuorumEpoch"), {
  clusterId: string({ nullable: true, default: null }),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32(),
      preferredSuccessors: array({ until: 0, ignorable: true }, int32()),
      preferredCandidates: array({ since: 1, ignorable: true }, {
        candidateId: int32(),
        candidateDirectoryId: uuid()
      })
    })
  }),
  leaderEndpoints: array({ since: 1, ignorable: true }, {
    name: string(),
    host: string(),
    port: uint16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type EndQuorumEpochRequest = Message.Type<typeof EndQuorumEpochRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const EndQuorumEpochResponse = Message.response(Api.byName("EndQuorumEpoch"), {
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
export type EndQuorumEpochResponse = Message.Type<typeof EndQuorumEpochResponse>
