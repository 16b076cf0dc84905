/**
 * DeleteShareGroupOffsets: deletes the offsets of a share group.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupOffsetsRequest = Message.request(Api.byName("DeleteShareGroupOffsets"), {
  groupId: string(),
  topics: array({
    topicName: string()
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteShareGroupOffsetsRequest = Message.Type<typeof DeleteShareGroupOffsetsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupOffsetsResponse = Message.response(Api.byName("DeleteShareGroupOffsets"), {
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
