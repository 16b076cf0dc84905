/**
 * ListPartitionReassignments: lists the partitions that are being moved.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const ListPartitionReassignmentsRequest = Message.request(Api.byName("ListPartitionReassignments"), {
  timeoutMs: int32({ default: 60000 }),
  topics: array({ nullable: true, default: null }, {
    name: string(),
    partitionIndexes: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListPartitionReassignmentsRequest = Message.Type<typeof ListPartitionReassignmentsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const ListPartitionReassignmentsResponse = Message.response(Api.byName("ListPartitionReassignments"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      replicas: array(int32()),
      addingReplicas: array(int32()),
      removingReplicas: array(int32())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListPartitionReassignmentsResponse = Message.Type<typeof ListPartitionReassignmentsResponse>
