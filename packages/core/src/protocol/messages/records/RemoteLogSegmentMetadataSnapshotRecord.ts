/**
 * RemoteLogSegmentMetadataSnapshotRecord (type 3 of remote log metadata): a segment in remote storage, in a snapshot.
 *
 * @since 0.1.0
 */
import { array, boolean, bytes, int32, int64, int8, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoteLogSegmentMetadataSnapshotRecord = Message.metadataRecord("RemoteLogSegmentMetadataSnapshotRecord", {
  apiKey: 3,
  versions: "0",
  flexible: "0+"
}, {
  segmentId: uuid(),
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
export type RemoteLogSegmentMetadataSnapshotRecord = Message.Type<typeof RemoteLogSegmentMetadataSnapshotRecord>
