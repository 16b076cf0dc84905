/**
 * RemoteLogSegmentMetadataRecord (type 0 of remote log metadata): a segment is in remote storage.
 *
 * @since 0.1.0
 */
import { array, boolean, bytes, int32, int64, int8, string, struct, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoteLogSegmentMetadataRecord = Message.metadataRecord("RemoteLogSegmentMetadataRecord", {
  apiKey: 0,
  versions: "0",
  flexible: "0+"
}, {
  remoteLogSegmentId: struct({
    topicIdPartition: struct({
      name: string(),
      id: uuid(),
      partition: int32()
    }),
    id: uuid()
  }),
  startOffset: int64(),
  endOffset: int64(),
  brokerId: int32(),
  maxTimestampMs: int64(),
  eventTimestampMs: int64(),
  segmentLeaderEpochs: array({
    leaderEpoch: int32(),
    offset: int64()
  }),
  segmentSizeInBytes: int32(),
  customMetadata: bytes({ nullable: true, default: null }),
  remoteLogSegmentState: int8(),
  txnIndexEmpty: boolean({ tag: 0 })
})

/** What decoding gives. @since 0.1.0 */
export type RemoteLogSegmentMetadataRecord = Message.Type<typeof RemoteLogSegmentMetadataRecord>
