/**
 * ListOffsets: finds offsets by timestamp, the earliest, the latest.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ListOffsetsRequest = Message.request(Api.byName("ListOffsets"), {
  replicaId: int32(),
  isolationLevel: int8({ since: 2 }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      currentLeaderEpoch: int32({ since: 4, default: -1, ignorable: true }),
      timestamp: int64()
    })
  }),
  timeoutMs: int32({ since: 10, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ListOffsetsRequest = Message.Type<typeof ListOffsetsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ListOffsetsResponse = Message.response(Api.byName("ListOffsets"), {
  throttleTimeMs: int32({ since: 2, ignorable: true }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      timestamp: int64({ default: -1 }),
      offset: int64({ default: -1 }),
      leaderEpoch: int32({ since: 4, default: -1 })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListOffsetsResponse = Message.Type<typeof ListOffsetsResponse>
