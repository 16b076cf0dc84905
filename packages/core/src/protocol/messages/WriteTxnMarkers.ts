/**
 * WriteTxnMarkers: writes the markers that end a transaction into its partitions.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const WriteTxnMarkersRequest = Message.request(Api.byName("WriteTxnMarkers"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const WriteTxnMarkersResponse = Message.response(Api.byName("WriteTxnMarkers"), {
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
