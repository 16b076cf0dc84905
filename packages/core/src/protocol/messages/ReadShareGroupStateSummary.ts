/**
 * ReadShareGroupStateSummary: reads where share partitions start.
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
export const ReadShareGroupStateSummaryRequest = Message.request(Api.byName("ReadShareGroupStateSummary"), {
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
export type ReadShareGroupStateSummaryRequest = Message.Type<typeof ReadShareGroupStateSummaryRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ReadShareGroupStateSummaryResponse = Message.response(Api.byName("ReadShareGroupStateSummary"), {
  results: array({
    topicId: uuid(),
    partitions: array({
      partition: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      stateEpoch: int32(),
      leaderEpoch: int32(),
      startOffset: int64(),
      deliveryCompleteCount: int32({ since: 1, default: -1, ignorable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ReadShareGroupStateSummaryResponse = Message.Type<typeof ReadShareGroupStateSummaryResponse>
