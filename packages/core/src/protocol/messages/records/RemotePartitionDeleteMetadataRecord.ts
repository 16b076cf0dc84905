/**
 * RemotePartitionDeleteMetadataRecord (type 2 of remote log metadata): how far the remote segments of a partition are deleted.
 *
 * @since 0.1.0
 */
import { int32, int64, int8, string, struct, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemotePartitionDeleteMetadataRecord = Message.metadataRecord("RemotePartitionDeleteMetadataRecord", {
  apiKey: 2,
  versions: "0",
  flexible: "0+"
}, {
  topicIdPartition: struct({
    name: string(),
    id: uuid(),
    partition: int32()
  }),
  brokerId: int32(),
  eventTimestampMs: int64(),
  remotePartitionDeleteState: int8()
})

/** What decoding gives. @since 0.1.0 */
export type RemotePartitionDeleteMetadataRecord = Message.Type<typeof RemotePartitionDeleteMetadataRecord>
