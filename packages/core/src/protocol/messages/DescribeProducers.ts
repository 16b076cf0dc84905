/**
 * DescribeProducers: lists the producers that are active on partitions.
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
export const DescribeProducersRequest = Message.request(Api.byName("DescribeProducers"), {
  topics: array({
    name: string(),
    partitionIndexes: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeProducersRequest = Message.Type<typeof DescribeProducersRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeProducersResponse = Message.response(Api.byName("DescribeProducers"), {
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
