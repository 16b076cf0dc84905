/**
 * ShareAcknowledge: acknowledges records of a share group (KIP-932).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, int8, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ShareAcknowledgeRequest = Message.request(Api.byName("ShareAcknowledge"), {
  groupId: string({ nullable: true, default: null }),
  memberId: string({ nullable: true }),
  shareSessionEpoch: int32(),
  isRenewAck: boolean({ since: 2, default: false }),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      acknowledgementBatches: array({
        firstOffset: int64(),
        lastOffset: int64(),
        acknowledgeTypes: array(int8())
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareAcknowledgeRequest = Message.Type<typeof ShareAcknowledgeRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ShareAcknowledgeResponse = Message.response(Api.byName("ShareAcknowledge"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  acquisitionLockTimeoutMs: int32({ since: 2, ignorable: true }),
  responses: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: int32()
      })
    })
  }),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareAcknowledgeResponse = Message.Type<typeof ShareAcknowledgeResponse>
