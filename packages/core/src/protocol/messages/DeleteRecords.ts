/**
 * DeleteRecords (key 21): deletes the records of partitions before an offset.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DeleteRecordsRequest = Message.request("DeleteRecordsRequest", {
  apiKey: 21,
  versions: "0-2",
  flexible: "2+"
}, {
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
 * The response, versions 0 to 2.
 *
 * @since 0.1.0
 */
export const DeleteRecordsResponse = Message.response("DeleteRecordsResponse", {
  apiKey: 21,
  versions: "0-2",
  flexible: "2+"
}, {
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
