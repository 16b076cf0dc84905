/**
 * Metadata: says which brokers there are, which topics and partitions, and who leads them.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const MetadataRequest = Message.request(Api.byName("Metadata"), {
  topics: array({ nullableSince: 1 }, {
    topicId: uuid({ since: 10, ignorable: true }),
    name: string({ nullableSince: 10 })
  }),
  allowAutoTopicCreation: boolean({ since: 4, default: true }),
  includeClusterAuthorizedOperations: boolean({ since: 8, until: 10 }),
  includeTopicAuthorizedOperations: boolean({ since: 8 })
})

/** What decoding gives. @since 0.1.0 */
export type MetadataRequest = Message.Type<typeof MetadataRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const MetadataResponse = Message.response(Api.byName("Metadata"), {
  throttleTimeMs: int32({ since: 3, ignorable: true }),
  brokers: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string({ since: 1, nullable: true, default: null, ignorable: true })
  }),
  clusterId: string({ since: 2, nullable: true, default: null, ignorable: true }),
  controllerId: int32({ since: 1, default: -1, ignorable: true }),
  topics: array({
    errorCode: int16(),
    name: string({ nullableSince: 12 }),
    topicId: uuid({ since: 10, ignorable: true }),
    isInternal: boolean({ since: 1, default: false, ignorable: true }),
    partitions: array({
      errorCode: int16(),
      partitionIndex: int32(),
      leaderId: int32(),
      leaderEpoch: int32({ since: 7, default: -1, ignorable: true }),
      replicaNodes: array(int32()),
      isrNodes: array(int32()),
      offlineReplicas: array({ since: 5, ignorable: true }, int32())
    }),
    topicAuthorizedOperations: int32({ since: 8, default: -0x80000000 })
  }),
  clusterAuthorizedOperations: int32({ since: 8, until: 10, default: -0x80000000 }),
  errorCode: int16({ since: 13, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type MetadataResponse = Message.Type<typeof MetadataResponse>
