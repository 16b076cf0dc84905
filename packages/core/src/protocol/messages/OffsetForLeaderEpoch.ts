/**
 * OffsetForLeaderEpoch: asks where a leader epoch ended.
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
export const OffsetForLeaderEpochRequest = Message.request(Api.byName("OffsetForLeaderEpoch"), {
  replicaId: int32({ since: 3, default: -2, ignorable: true }),
  topics: array({
    topic: string(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32({ default: -1, ignorable: true }),
      leaderEpoch: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetForLeaderEpochRequest = Message.Type<typeof OffsetForLeaderEpochRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const OffsetForLeaderEpochResponse = Message.response(Api.byName("OffsetForLeaderEpoch"), {
  throttleTimeMs: int32({ ignorable: true }),
  topics: array({
    topic: string(),
    partitions: array({
      errorCode: int16(),
      partition: int32(),
      leaderEpoch: int32({ default: -1, ignorable: true }),
      endOffset: int64({ default: -1 })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetForLeaderEpochResponse = Message.Type<typeof OffsetForLeaderEpochResponse>
