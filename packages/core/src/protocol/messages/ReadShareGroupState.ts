/**
 * ReadShareGroupState: reads the stored state of share partitions.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, int8, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ReadShareGroupStateRequest = Message.request(Api.byName("ReadShareGroupState"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const ReadShareGroupStateResponse = Message.response(Api.byName("ReadShareGroupState"), {
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
