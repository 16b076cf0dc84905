/**
 * DeleteShareGroupState: deletes the stored state of share partitions.
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
export const DeleteShareGroupStateRequest = Message.request(Api.byName("DeleteShareGroupState"), {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteShareGroupStateRequest = Message.Type<typeof DeleteShareGroupStateRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupStateResponse = Message.response(Api.byName("DeleteShareGroupState"), {
  results: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteShareGroupStateResponse = Message.Type<typeof DeleteShareGroupStateResponse>
