/**
 * WriteTxnMarkers (key 27): writes the markers that end a transaction into its partitions.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int64, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const WriteTxnMarkersRequest = Message.request("WriteTxnMarkersRequest", {
  apiKey: 27,
  versions: "1-2",
  flexible: "1+"
}, {
  markers: array({
    producerId: int64(),
    producerEpoch: int16(),
    transactionResult: boolean(),
    topics: array({
      name: string(),
      partitionIndexes: array(int32())
    }),
    coordinatorEpoch: int32(),
    transactionVersion: int8({ since: 2, default: 0, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type WriteTxnMarkersRequest = Message.Type<typeof WriteTxnMarkersRequest>

/**
 * The response, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const WriteTxnMarkersResponse = Message.response("WriteTxnMarkersResponse", {
  apiKey: 27,
  versions: "1-2",
  flexible: "1+"
}, {
  markers: array({
    producerId: int64(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16()
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type WriteTxnMarkersResponse = Message.Type<typeof WriteTxnMarkersResponse>
