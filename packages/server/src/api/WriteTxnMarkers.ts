/**
 * WriteTxnMarkers (key 27): writes the ends of transactions where the coordinator of a transaction says (KIP-98, KIP-1228).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from "@millrace/core/protocol/messages/WriteTxnMarkers"
import * as Effect from "effect/Effect"
import { type Marker, MarkerSender } from "../coordination/transaction/MarkerSender.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of WriteTxnMarkers.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
  Effect.map(MarkerSender, (sender) => (request) => {
    const write = (marker: Marker) =>
      Effect.map(sender.send(marker), (results) => ({
        producerId: marker.producerId,
        topics: marker.topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            errorCode: results.find(({ partition, topic }) => topic === name && partition === partitionIndex)?.errorCode
              ?? ErrorCode.UNKNOWN_SERVER_ERROR
          }))
        }))
      }))
    return Effect.map(Effect.forEach(request.markers, write), (markers) => ({ markers }))
  })
)
