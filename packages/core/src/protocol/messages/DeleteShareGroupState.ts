/**
 * DeleteShareGroupState (key 86): deletes the stored state of share partitions.
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
export const DeleteShareGroupStateRequest = Message.request("DeleteShareGroupStateRequest", {
  apiKey: 86,
  versions: "0",
  flexible: "0+"
}, {
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
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const DeleteShareGroupStateResponse = Message.response("DeleteShareGroupStateResponse", {
  apiKey: 86,
  versions: "0",
  flexible: "0+"
}, {
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
