/**
 * PartitionChangeRecord (type 5 of `__cluster_metadata`): what changed of a partition.
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
export const PartitionChangeRecord = Message.metadataRecord("PartitionChangeRecord", {
  apiKey: 5,
  versions: "0-2",
  flexible: "0+"
}, {
  partitionId: int32({ default: -1 }),
  topicId: uuid(),
  isr: array({ nullable: true, default: null, tag: 0 }, int32()),
  leader: int32({ default: -2, tag: 1 }),
  replicas: array({ nullable: true, default: null, tag: 2 }, int32()),
  removingReplicas: array({ nullable: true, default: null, tag: 3 }, int32()),
  addingReplicas: array({ nullable: true, default: null, tag: 4 }, int32()),
  leaderRecoveryState: int8({ default: -1, tag: 5 }),
  directories: array({ since: 1, nullable: true, default: null, tag: 8 }, uuid()),
  eligibleLeaderReplicas: array({ since: 2, nullable: true, default: null, tag: 6 }, int32()),
  lastKnownElr: array({ since: 2, nullable: true, default: null, tag: 7 }, int32())
})

/** What decoding gives. @since 0.1.0 */
export type PartitionChangeRecord = Message.Type<typeof PartitionChangeRecord>
