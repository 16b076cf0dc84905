/**
 * ShareFetch: acquires records of a share group (KIP-932).
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, int8, records, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ShareFetchRequest = Message.request(Api.byName("ShareFetch"), {
  groupId: string({ nullable: true, default: null }),
  memberId: string({ nullable: true }),
  shareSessionEpoch: int32(),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32({ default: 0x7fffffff }),
  maxRecords: int32(),
  batchSize: int32(),
  shareAcquireMode: int8({ since: 2, default: 0, ignorable: true }),
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
  }),
  forgottenTopicsData: array({
    topicId: uuid(),
    partitions: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareFetchRequest = Message.Type<typeof ShareFetchRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ShareFetchResponse = Message.response(Api.byName("ShareFetch"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  acquisitionLockTimeoutMs: int32(),
  responses: array({
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      acknowledgeErrorCode: int16(),
      acknowledgeErrorMessage: string({ nullable: true, default: null }),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: int32()
      }),
      records: records(),
      acquiredRecords: array({
        firstOffset: int64(),
        lastOffset: int64(),
        deliveryCount: int16()
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
export type ShareFetchResponse = Message.Type<typeof ShareFetchResponse>
