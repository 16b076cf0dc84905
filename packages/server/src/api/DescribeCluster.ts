/**
 * DescribeCluster (key 60): the cluster's id, controller and brokers (KIP-700, KIP-919, KIP-1073).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { DescribeClusterRequest, DescribeClusterResponse } from "@millrace/core/protocol/messages/DescribeCluster"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import { Node } from "../coordination/controller/Node.ts"
import { brokersOf } from "./Brokers.ts"
import * as Handler from "./Handler.ts"
import { clusterOperations, operationsNotAsked } from "./Operations.ts"

const brokerEndpoints = 1
const controllerEndpoints = 2

const refused = (errorCode: number, errorMessage: string) => ({
  throttleTimeMs: 0,
  errorCode,
  errorMessage,
  clusterId: "",
  controllerId: -1,
  brokers: []
})

/**
 * The handler of DescribeCluster.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeClusterRequest,
  DescribeClusterResponse,
  Effect.gen(function*() {
    const { image } = yield* Controller
    const { clusterId, id } = yield* Node
    return (request, { connection, version }) =>
      Effect.sync(() => {
        const { endpointType, includeClusterAuthorizedOperations, includeFencedBrokers } = request
        if (endpointType === controllerEndpoints) {
          return refused(ErrorCode.MISMATCHED_ENDPOINT_TYPE, "this is an endpoint for brokers, not for controllers")
        }
        if (endpointType !== brokerEndpoints) {
          return refused(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, `unsupported endpoint type ${endpointType}`)
        }
        return {
          throttleTimeMs: 0,
          errorCode: 0,
          errorMessage: null,
          clusterId,
          controllerId: id,
          brokers: brokersOf(image, connection.listener, includeFencedBrokers).map((broker) => ({
            brokerId: broker.id,
            host: broker.host,
            port: broker.port,
            rack: broker.rack,
            ...(version >= 2 && { isFenced: broker.fenced })
          })),
          clusterAuthorizedOperations: includeClusterAuthorizedOperations ? clusterOperations : operationsNotAsked
        }
      })
  })
)
