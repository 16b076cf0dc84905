/**
 * OffsetCommit (type 1 of `__consumer_offsets`): how far a group has come on one partition.
 *
 * @since 0.1.0
 */
import { int32, int64, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const OffsetCommitKey = Message.coordinatorKey("OffsetCommitKey", { apiKey: 1, versions: "0" }, {
  group: string(),
  topic: string(),
  partition: int32()
})

/** What decoding gives. @since 0.1.0 */
export type OffsetCommitKey = Message.Type<typeof OffsetCommitKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const OffsetCommitValue = Message.coordinatorValue("OffsetCommitValue", {
  apiKey: 1,
  versions: "0-4",
  flexible: "4+"
}, {
  offset: int64(),
  leaderEpoch: int32({ since: 3, default: -1, ignorable: true }),
  metadata: string(),
  commitTimestamp: int64(),
  expireTimestamp: int64({ since: 1, until: 1, default: -1, ignorable: true }),
  topicId: uuid({ since: 4, tag: 0, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetCommitValue = Message.Type<typeof OffsetCommitValue>
