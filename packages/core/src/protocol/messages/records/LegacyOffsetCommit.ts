/**
 * LegacyOffsetCommit (type 0 of `__consumer_offsets`): how far a group has come, as the oldest brokers stored it.
 *
 * @since 0.1.0
 */
import { int32, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const LegacyOffsetCommitKey = Message.coordinatorKey("LegacyOffsetCommitKey", { apiKey: 0, versions: "0" }, {
  group: string(),
  topic: string(),
  partition: int32()
})

/** What decoding gives. @since 0.1.0 */
export type LegacyOffsetCommitKey = Message.Type<typeof LegacyOffsetCommitKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const LegacyOffsetCommitValue = Message.coordinatorValue(
  "LegacyOffsetCommitValue",
  { apiKey: 0, versions: "0" },
  {
    offset: int64(),
    metadata: string(),
    commitTimestamp: int64()
  }
)

/** What decoding gives. @since 0.1.0 */
export type LegacyOffsetCommitValue = Message.Type<typeof LegacyOffsetCommitValue>
