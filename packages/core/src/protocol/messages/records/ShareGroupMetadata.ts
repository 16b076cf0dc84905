/**
 * ShareGroupMetadata (type 11 of `__consumer_offsets`): the epoch of a share group.
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
export const ShareGroupMetadataKey = Message.coordinatorKey("ShareGroupMetadataKey", { apiKey: 11, versions: "0" }, {
  groupId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupMetadataKey = Message.Type<typeof ShareGroupMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupMetadataValue = Message.coordinatorValue("ShareGroupMetadataValue", {
  apiKey: 11,
  versions: "0",
  flexible: "0+"
}, {
  epoch: int32(),
  metadataHash: int64()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupMetadataValue = Message.Type<typeof ShareGroupMetadataValue>
