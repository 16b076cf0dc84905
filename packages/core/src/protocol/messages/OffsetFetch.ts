/**
 * OffsetFetch: asks how far a group has come.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const OffsetFetchRequest = Message.request(Api.byName("OffsetFetch"), {
  groupId: string({ until: 7 }),
  topics: array({ until: 7, nullableSince: 2 }, {
    name: string(),
    partitionIndexes: array(int32())
  }),
  groups: array({ since: 8 }, {
    groupId: string(),
    memberId: string({ since: 9, nullable: true, default: null, ignorable: true }),
    memberEpoch: int32({ since: 9, default: -1, ignorable: true }),
    topics: array({ nullable: true }, {
      name: string({ until: 9, ignorable: true }),
      topicId: uuid({ since: 10, ignorable: true }),
      partitionIndexes: array(int32())
    })
  }),
  requireStable: boolean({ since: 7, default: false })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetFetchRequest = Message.Type<typeof OffsetFetchRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const OffsetFetchResponse = Message.response(Api.byName("OffsetFetch"), {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  topics: array({ until: 7 }, {
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32({ since: 5, default: -1, ignorable: true }),
      metadata: string({ nullable: true }),
      errorCode: int16()
    })
  }),
  errorCode: int16({ since: 2, until: 7, default: 0, ignorable: true }),
  groups: array({ since: 8 }, {
    groupId: string(),
    topics: array({
      name: string({ until: 9, ignorable: true }),
      topicId: uuid({ since: 10, ignorable: true }),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ default: -1, ignorable: true }),
        metadata: string({ nullable: true }),
        errorCode: int16()
      })
    }),
    errorCode: int16({ default: 0 })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetFetchResponse = Message.Type<typeof OffsetFetchResponse>
