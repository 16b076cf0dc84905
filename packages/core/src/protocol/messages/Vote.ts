/**
 * Vote: asks a voter of the quorum for its vote, or whether it would give it.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const VoteRequest = Message.request(Api.byName("Vote"), {
  clusterId: string({ nullable: true, default: null }),
  voterId: int32({ since: 1, default: -1, ignorable: true }),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      replicaEpoch: int32(),
      replicaId: int32(),
      replicaDirectoryId: uuid({ since: 1, ignorable: true }),
      voterDirectoryId: uuid({ since: 1, ignorable: true }),
      lastOffsetEpoch: int32(),
      lastOffset: int64(),
      preVote: boolean({ since: 2 })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type VoteRequest = Message.Type<typeof VoteRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const VoteResponse = Message.response(Api.byName("Vote"), {
  errorCode: int16(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
      voteGranted: boolean()
    })
  }),
  nodeEndpoints: array({ since: 1, tag: 0 }, {
    nodeId: int32(),
    host: string(),
    port: uint16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type VoteResponse = Message.Type<typeof VoteResponse>
