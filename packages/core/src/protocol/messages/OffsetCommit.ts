/**
 * OffsetCommit: stores how far a group has come.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const OffsetCommitRequest = Message.request(Api.byName("OffsetCommit"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const OffsetCommitResponse = Message.response(Api.byName("OffsetCommit"), {
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
