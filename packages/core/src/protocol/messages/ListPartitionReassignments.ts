/**
 * ListPartitionReassignments (key 46): lists the partitions that are being moved.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const ListPartitionReassignmentsRequest = Message.request("ListPartitionReassignmentsRequest", {
  apiKey: 46,
  versions: "0",
  flexible: "0+"
}, {
  timeoutMs: int32({ default: 60000 }),
  topics: array({ nullable: true, default: null }, {
    name: string(),
    partitionIndexes: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type ListPartitionReassignmentsRequest = Message.Type<typeof ListPartitionReassignmentsRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const ListPartitionReassignmentsResponse = Message.response("ListPartitionReassignmentsResponse", {
  apiKey: 46,
  versions: "0",
  flexible: "0+"
}, {
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
