/**
 * Fetch: reads record batches from partitions; followers replicate with it too.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, int8, records, string, struct, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const FetchRequest = Message.request(Api.byName("Fetch"), {
  clusterId: string({ since: 12, nullable: true, default: null, tag: 0, ignorable: true }),
  replicaId: int32({ until: 14, default: -1 }),
  replicaState: struct({ since: 15, tag: 1 }, {
    replicaId: int32({ default: -1 }),
    replicaEpoch: int64({ default: -1 })
  }),
  maxWaitMs: int32(),
  minBytes: int32(),
  maxBytes: int32({ default: 0x7fffffff, ignorable: true }),
  isolationLevel: int8({ default: 0, ignorable: true }),
  sessionId: int32({ since: 7, default: 0, ignorable: true }),
  sessionEpoch: int32({ since: 7, default: -1, ignorable: true }),
  topics: array({
    topic: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32({ since: 9, default: -1, ignorable: true }),
      fetchOffset: int64(),
      lastFetchedEpoch: int32({ since: 12, default: -1 }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      partitionMaxBytes: int32(),
      replicaDirectoryId: uuid({ since: 17, tag: 0, ignorable: true }),
      highWatermark: int64({ since: 18, default: 2 ** 63, tag: 1, ignorable: true })
    })
  }),
  forgottenTopicsData: array({ since: 7 }, {
    topic: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array(int32())
  }),
  rackId: string({ since: 11, default: "", ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type FetchRequest = Message.Type<typeof FetchRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const FetchResponse = Message.response(Api.byName("Fetch"), {
  throttleTimeMs: int32({ ignorable: true }),
  errorCode: int16({ since: 7, ignorable: true }),
  sessionId: int32({ since: 7, default: 0 }),
  responses: array({
    topic: string({ until: 12, ignorable: true }),
    topicId: uuid({ since: 13, ignorable: true }),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      highWatermark: int64(),
      lastStableOffset: int64({ default: -1, ignorable: true }),
      logStartOffset: int64({ since: 5, default: -1, ignorable: true }),
      divergingEpoch: struct({ since: 12, tag: 0 }, {
        epoch: int32({ default: -1 }),
        endOffset: int64({ default: -1 })
      }),
      currentLeader: struct({ since: 12, tag: 1 }, {
        leaderId: int32({ default: -1 }),
        leaderEpoch: int32({ default: -1 })
      }),
      snapshotId: struct({ since: 12, tag: 2 }, {
        endOffset: int64({ default: -1 }),
        epoch: int32({ default: -1 })
      }),
      abortedTransactions: array({ nullable: true, ignorable: true }, {
        producerId: int64(),
        firstOffset: int64()
      }),
      preferredReadReplica: int32({ since: 11, default: -1 }),
      records: records({ nullable: true })
    })
  }),
  nodeEndpoints: array({ since: 16, tag: 0 }, {
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type FetchResponse = Message.Type<typeof FetchResponse>
