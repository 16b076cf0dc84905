/**
 * ShareSnapshot (type 0 of `__share_group_state`): the whole state of a share partition.
 *
 * @since 0.1.0
 */
import { array, int16, int32, int64, int8, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ShareSnapshotKey = Message.coordinatorKey("ShareSnapshotKey", { apiKey: 0, versions: "0" }, {
  groupId: string(),
  topicId: uuid(),
  partition: int32()
})

/** What decoding gives. @since 0.1.0 */
export type ShareSnapshotKey = Message.Type<typeof ShareSnapshotKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareSnapshotValue = Message.coordinatorValue("ShareSnapshotValue", {
  apiKey: 0,
  versions: "0",
  flexible: "0+"
}, {
  snapshotEpoch: int32(),
  stateEpoch: int32(),
  leaderEpoch: int32(),
  startOffset: int64(),
  deliveryCompleteCount: int32({ default: -1, tag: 0 }),
  createTimestamp: int64(),
  writeTimestamp: int64(),
  stateBatches: array({
    firstOffset: int64(),
    lastOffset: int64(),
    deliveryState: int8(),
    deliveryCount: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareSnapshotValue = Message.Type<typeof ShareSnapshotValue>
