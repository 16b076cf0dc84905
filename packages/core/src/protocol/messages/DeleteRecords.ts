/**
 * DeleteRecords: deletes the records of partitions before an offset.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DeleteRecordsRequest = Message.request(Api.byName("DeleteRecords"), {
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      offset: int64()
    })
  }),
  timeoutMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type DeleteRecordsRequest = Message.Type<typeof DeleteRecordsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteRecordsResponse = Message.response(Api.byName("DeleteRecords"), {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      lowWatermark: int64(),
      errorCode: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteRecordsResponse = Message.Type<typeof DeleteRecordsResponse>
