/**
 * TxnOffsetCommit: stores offsets as part of a transaction.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const TxnOffsetCommitRequest = Message.request(Api.byName("TxnOffsetCommit"), {
  transactionalId: string(),
  groupId: string(),
  producerId: int64(),
  producerEpoch: int16(),
  generationId: int32({ since: 3, default: -1 }),
  memberId: string({ since: 3, default: "" }),
  groupInstanceId: string({ since: 3, nullable: true, default: null }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32({ since: 2, default: -1, ignorable: true }),
      committedMetadata: string({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type TxnOffsetCommitRequest = Message.Type<typeof TxnOffsetCommitRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const TxnOffsetCommitResponse = Message.response(Api.byName("TxnOffsetCommit"), {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type TxnOffsetCommitResponse = Message.Type<typeof TxnOffsetCommitResponse>
