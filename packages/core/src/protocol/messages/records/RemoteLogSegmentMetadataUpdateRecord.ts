/**
 * RemoteLogSegmentMetadataUpdateRecord (type 1 of remote log metadata): what changed of a segment in remote storage.
 *
 * @since 0.1.0
 */
import { bytes, int32, int64, int8, string, struct, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoteLogSegmentMetadataUpdateRecord = Message.metadataRecord("RemoteLogSegmentMetadataUpdateRecord", {
  apiKey: 1,
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
  brokerId: int32(),
  eventTimestampMs: int64(),
  customMetadata: bytes({ nullable: true, default: null }),
  remoteLogSegmentState: int8()
})

/** What decoding gives. @since 0.1.0 */
export type RemoteLogSegmentMetadataUpdateRecord = Message.Type<typeof RemoteLogSegmentMetadataUpdateRecord>
