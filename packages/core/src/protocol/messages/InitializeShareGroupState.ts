/**
 * InitializeShareGroupState: starts the stored state of share partitions.
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
export const InitializeShareGroupStateRequest = Message.request(Api.byName("InitializeShareGroupState"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const InitializeShareGroupStateResponse = Message.response(Api.byName("InitializeShareGroupState"), {
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
