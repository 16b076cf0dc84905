/**
 * InitializeShareGroupState (key 83): starts the stored state of share partitions.
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
export const InitializeShareGroupStateRequest = Message.request("InitializeShareGroupStateRequest", {
  apiKey: 83,
  versions: "0",
  flexible: "0+"
}, {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      stateEpoch: int32(),
      startOffset: int64()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type InitializeShareGroupStateRequest = Message.Type<typeof InitializeShareGroupStateRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const InitializeShareGroupStateResponse = Message.response("InitializeShareGroupStateResponse", {
  apiKey: 83,
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
export type InitializeShareGroupStateResponse = Message.Type<typeof InitializeShareGroupStateResponse>
