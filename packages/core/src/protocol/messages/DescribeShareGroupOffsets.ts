/**
 * DescribeShareGroupOffsets: asks where the partitions of share groups start.
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
export const DescribeShareGroupOffsetsRequest = Message.request(Api.byName("DescribeShareGroupOffsets"), {
  groups: array({
    groupId: string(),
    topics: array({ nullable: true }, {
      topicName: string(),
      partitions: array(int32())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeShareGroupOffsetsRequest = Message.Type<typeof DescribeShareGroupOffsetsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeShareGroupOffsetsResponse = Message.response(Api.byName("DescribeShareGroupOffsets"), {
  throttleTimeMs: int32(),
  groups: array({
    groupId: string(),
    topics: array({
      topicName: string(),
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32(),
        startOffset: int64(),
        leaderEpoch: int32(),
        lag: int64({ since: 1, default: -1, ignorable: true }),
        errorCode: int16(),
        errorMessage: string({ nullable: true, default: null })
      })
    }),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeShareGroupOffsetsResponse = Message.Type<typeof DescribeShareGroupOffsetsResponse>
