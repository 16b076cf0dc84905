/**
 * PartitionRecord (type 3 of `__cluster_metadata`): a partition was created.
 *
 * @since 0.1.0
 */
import { array, int32, int8, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const PartitionRecord = Message.metadataRecord(
  "PartitionRecord",
  { apiKey: 3, versions: "0-2", flexible: "0+" },
  {
    partitionId: int32({ default: -1 }),
    topicId: uuid(),
    replicas: array(int32()),
    isr: array(int32()),
    removingReplicas: array(int32()),
    addingReplicas: array(int32()),
    leader: int32({ default: -1 }),
    leaderRecoveryState: int8({ default: 0, tag: 0 }),
    leaderEpoch: int32({ default: -1 }),
    partitionEpoch: int32({ default: -1 }),
    directories: array({ since: 1 }, uuid()),
    eligibleLeaderReplicas: array({ since: 2, nullable: true, default: null, tag: 1 }, int32()),
    lastKnownElr: array({ since: 2, nullable: true, default: null, tag: 2 }, int32())
  }
)

/** What decoding gives. @since 0.1.0 */
export type PartitionRecord = Message.Type<typeof PartitionRecord>
