/**
 * Where the ends of transactions are written: the seam between the transaction coordinator and partition leaders.
 *
 * @since 0.1.0
 */
import type { WriteTxnMarkersRequest } from "@millrace/core/protocol/messages/WriteTxnMarkers"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * The end of one transaction, and the partitions that have to know it (names with their partitions).
 *
 * @since 0.1.0
 */
export type Marker = WriteTxnMarkersRequest["markers"][number]

/**
 * How it went at one partition, as Kafka's error code.
 *
 * @since 0.1.0
 */
export interface MarkerResult {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
}

/**
 * Writes a marker at every partition that it names and waits until it is committed there. On one node that is
 * `Partition.writeTransactionMarker`, and for `__consumer_offsets` `GroupCoordinator.completeTransaction`. A partition
 * that is missing from the results is tried again, as are those with a retriable error.
 *
 * @since 0.1.0
 */
export class MarkerSender extends Context.Service<MarkerSender, {
  readonly send: (marker: Marker) => Effect.Effect<ReadonlyArray<MarkerResult>>
}>()("@millrace/server/coordination/MarkerSender") {}
