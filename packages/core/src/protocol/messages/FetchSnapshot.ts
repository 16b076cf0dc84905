/**
 * FetchSnapshot: reads a piece of a snapshot of the metadata log.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, records, string, struct, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const FetchSnapshotRequest = Message.request(Api.byName("FetchSnapshot"), {
  clusterId: string({ nullable: true, default: null, tag: 0 }),
  replicaId: int32({ default: -1 }),
  maxBytes: int32({ default: 0x7fffffff }),
  topics: array({
    name: string(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32(),
      snapshotId: struct({
        endOffset: int64(),
        epoch: int32()
      }),
      position: int64(),
      replicaDirectoryId: uuid({ since: 1, tag: 0, ignorable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type FetchSnapshotRequest = Message.Type<typeof FetchSnapshotRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const FetchSnapshotResponse = Message.response(Api.byName("FetchSnapshot"), {
  throttleTimeMs: int32({ ignorable: true }),
  errorCode: int16(),
  topics: array({
    name: string(),
    partitions: array({
      index: int32(),
      errorCode: int16(),
      snapshotId: struct({
        endOffset: int64(),
        epoch: int32()
      }),
      currentLeader: struct({ tag: 0 }, {
        leaderId: int32(),
        leaderEpoch: int32()
      }),
      size: int64(),
      position: int64(),
      unalignedRecords: records()
    })
  }),
  nodeEndpoints: array({ since: 1, tag: 0 }, {
    nodeId: int32(),
    host: string(),
    port: uint16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type FetchSnapshotResponse = Message.Type<typeof FetchSnapshotResponse>
