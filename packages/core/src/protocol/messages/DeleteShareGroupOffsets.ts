/**
 * DeleteShareGroupOffsets (key 92): deletes the offsets of a share group.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupOffsetsRequest = Message.request("DeleteShareGroupOffsetsRequest", {
  apiKey: 92,
  versions: "0",
  flexible: "0+"
}, {
  groupId: string(),
  topics: array({
    topicName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteShareGroupOffsetsRequest = Message.Type<typeof DeleteShareGroupOffsetsRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupOffsetsResponse = Message.response("DeleteShareGroupOffsetsResponse", {
  apiKey: 92,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  responses: array({
    topicName: string(),
    topicId: uuid(),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteShareGroupOffsetsResponse = Message.Type<typeof DeleteShareGroupOffsetsResponse>
