/**
 * DescribeProducers (key 61): lists the producers that are active on partitions.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const DescribeProducersRequest = Message.request("DescribeProducersRequest", {
  apiKey: 61,
  versions: "0",
  flexible: "0+"
}, {
  topics: array({
    name: string(),
    partitionIndexes: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeProducersRequest = Message.Type<typeof DescribeProducersRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const DescribeProducersResponse = Message.response("DescribeProducersResponse", {
  apiKey: 61,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      activeProducers: array({
        producerId: int64(),
        producerEpoch: int32(),
        lastSequence: int32({ default: -1 }),
        lastTimestamp: int64({ default: -1 }),
        coordinatorEpoch: int32(),
        currentTxnStartOffset: int64({ default: -1 })
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeProducersResponse = Message.Type<typeof DescribeProducersResponse>
