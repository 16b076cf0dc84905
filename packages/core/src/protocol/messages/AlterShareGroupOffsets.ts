/**
 * AlterShareGroupOffsets: moves the start of the partitions of a share group.
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
export const AlterShareGroupOffsetsRequest = Message.request(Api.byName("AlterShareGroupOffsets"), {
  groupId: string(),
  topics: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      startOffset: int64()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterShareGroupOffsetsRequest = Message.Type<typeof AlterShareGroupOffsetsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterShareGroupOffsetsResponse = Message.response(Api.byName("AlterShareGroupOffsets"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  responses: array({
    topicName: string(),
    topicId: uuid(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterShareGroupOffsetsResponse = Message.Type<typeof AlterShareGroupOffsetsResponse>
