/**
 * ReadShareGroupState (key 84): reads the stored state of share partitions.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, int8, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const ReadShareGroupStateRequest = Message.request("ReadShareGroupStateRequest", {
  apiKey: 84,
  versions: "0",
  flexible: "0+"
}, {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      leaderEpoch: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ReadShareGroupStateRequest = Message.Type<typeof ReadShareGroupStateRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const ReadShareGroupStateResponse = Message.response("ReadShareGroupStateResponse", {
  apiKey: 84,
  versions: "0",
  flexible: "0+"
}, {
  results: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      stateEpoch: int32(),
      startOffset: int64(),
      stateBatches: array({
        firstOffset: int64(),
        lastOffset: int64(),
        deliveryState: int8(),
        deliveryCount: int16()
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ReadShareGroupStateResponse = Message.Type<typeof ReadShareGroupStateResponse>
