/**
 * OffsetCommit (key 8): stores how far a group has come.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 2 to 10.
 *
 * @since 0.1.0
 */
export const OffsetCommitRequest = Message.request("OffsetCommitRequest", {
  apiKey: 8,
  versions: "2-10",
  flexible: "8+"
}, {
  groupId: string(),
  generationIdOrMemberEpoch: int32({ default: -1, ignorable: true }),
  memberId: string({ ignorable: true }),
  groupInstanceId: string({ since: 7, nullable: true, default: null }),
  retentionTimeMs: int64({ until: 4, default: -1, ignorable: true }),
  topics: array({
    name: string({ until: 9, ignorable: true }),
    topicId: uuid({ since: 10, ignorable: true }),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32({ since: 6, default: -1, ignorable: true }),
      committedMetadata: string({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetCommitRequest = Message.Type<typeof OffsetCommitRequest>

/**
 * The response, versions 2 to 10.
 *
 * @since 0.1.0
 */
export const OffsetCommitResponse = Message.response("OffsetCommitResponse", {
  apiKey: 8,
  versions: "2-10",
  flexible: "8+"
}, {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  topics: array({
    name: string({ until: 9, ignorable: true }),
    topicId: uuid({ since: 10, ignorable: true }),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetCommitResponse = Message.Type<typeof OffsetCommitResponse>
