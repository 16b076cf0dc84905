/**
 * TxnOffsetCommit (key 28): stores offsets as part of a transaction.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const TxnOffsetCommitRequest = Message.request("TxnOffsetCommitRequest", {
  apiKey: 28,
  versions: "0-5",
  flexible: "3+"
}, {
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
 * The response, versions 0 to 5.
 *
 * @since 0.1.0
 */
export const TxnOffsetCommitResponse = Message.response("TxnOffsetCommitResponse", {
  apiKey: 28,
  versions: "0-5",
  flexible: "3+"
}, {
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
