/**
 * ProducerSnapshot: the file that holds the state of a partition's producers.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, uint32 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The file that holds the state of a partition's producers.
 *
 * @since 0.1.0
 */
export const ProducerSnapshot = Message.data("ProducerSnapshot", { versions: "1" }, {
  crc: uint32(),
  producerEntries: array({
    producerId: int64(),
    epoch: int16(),
    lastSequence: int32(),
    lastOffset: int64(),
    offsetDelta: int32(),
    timestamp: int64(),
    coordinatorEpoch: int32(),
    currentTxnFirstOffset: int64()
  })
})

/** What decoding gives. @since 0.1.0 */
export type ProducerSnapshot = Message.Type<typeof ProducerSnapshot>
