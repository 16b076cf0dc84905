/**
 * AlterPartitionReassignments: starts or cancels moving partitions to other brokers.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AlterPartitionReassignmentsRequest = Message.request(Api.byName("AlterPartitionReassignments"), {
  timeoutMs: int32({ default: 60000 }),
  allowReplicationFactorChange: boolean({ since: 1, default: true }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      replicas: array({ nullable: true, default: null }, int32())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterPartitionReassignmentsRequest = Message.Type<typeof AlterPartitionReassignmentsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterPartitionReassignmentsResponse = Message.response(Api.byName("AlterPartitionReassignments"), {
  throttleTimeMs: int32(),
  allowReplicationFactorChange: boolean({ since: 1, default: true, ignorable: true }),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  responses: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      errorMessage: string({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterPartitionReassignmentsResponse = Message.Type<typeof AlterPartitionReassignmentsResponse>
