/**
 * WriteShareGroupState: changes the stored state of share partitions.
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
export const WriteShareGroupStateRequest = Message.request(Api.byName("WriteShareGroupState"), {
  groupId: string(),
  topics: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      stateEpoch: int32(),
      leaderEpoch: int32(),
      startOffset: int64(),
      deliveryCompleteCount: int32({ since: 1, default: -1, ignorable: true }),
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
export type WriteShareGroupStateRequest = Message.Type<typeof WriteShareGroupStateRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const WriteShareGroupStateResponse = Message.response(Api.byName("WriteShareGroupState"), {
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
export type WriteShareGroupStateResponse = Message.Type<typeof WriteShareGroupStateResponse>
