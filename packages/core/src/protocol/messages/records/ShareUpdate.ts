/**
 * ShareUpdate (type 1 of `__share_group_state`): a change of the state of a share partition.
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
export const ShareUpdateKey = Message.coordinatorKey("ShareUpdateKey", { apiKey: 1, versions: "0" }, {
  groupId: string(),
  topicId: uuid(),
  partition: int32()
})

/** What decoding gives. @since 0.1.0 */
export type ShareUpdateKey = Message.Type<typeof ShareUpdateKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareUpdateValue = Message.coordinatorValue("ShareUpdateValue", {
  apiKey: 1,
  versions: "0",
  flexible: "0+"
}, {
  snapshotEpoch: int32(),
  leaderEpoch: int32(),
  startOffset: int64(),
  deliveryCompleteCount: int32({ default: -1, tag: 0 }),
  stateBatches: array({
    firstOffset: int64(),
    lastOffset: int64(),
    deliveryState: int8(),
    deliveryCount: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type ShareUpdateValue = Message.Type<typeof ShareUpdateValue>
