/**
 * DescribeCluster: says which brokers or controllers there are.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeClusterRequest = Message.request(Api.byName("DescribeCluster"), {
  includeClusterAuthorizedOperations: boolean(),
  endpointType: int8({ since: 1, default: 1 }),
  includeFencedBrokers: boolean({ since: 2 })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeClusterRequest = Message.Type<typeof DescribeClusterRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeClusterResponse = Message.response(Api.byName("DescribeCluster"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, default: null }),
  endpointType: int8({ since: 1, default: 1 }),
  clusterId: string(),
  controllerId: int32({ default: -1 }),
  brokers: array({
    brokerId: int32(),
    host: string(),
    port: int32(),
    rack: string({ nullable: true, default: null }),
    isFenced: boolean({ since: 2 })
  }),
  clusterAuthorizedOperations: int32({ default: -0x80000000 })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeClusterResponse = Message.Type<typeof DescribeClusterResponse>
