/**
 * AlterShareGroupOffsets (key 91): moves the start of the partitions of a share group.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const AlterShareGroupOffsetsRequest = Message.request("AlterShareGroupOffsetsRequest", {
  apiKey: 91,
  versions: "0",
  flexible: "0+"
}, {
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
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const AlterShareGroupOffsetsResponse = Message.response("AlterShareGroupOffsetsResponse", {
  apiKey: 91,
  versions: "0",
  flexible: "0+"
}, {
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
