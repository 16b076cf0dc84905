/**
 * ShareGroupMemberMetadata (type 10 of `__consumer_offsets`): what a member of a share group subscribes to.
 *
 * @since 0.1.0
 */
import { array, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ShareGroupMemberMetadataKey = Message.coordinatorKey("ShareGroupMemberMetadataKey", {
  apiKey: 10,
  versions: "0"
}, {
  groupId: string(),
  memberId: string()
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupMemberMetadataKey = Message.Type<typeof ShareGroupMemberMetadataKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ShareGroupMemberMetadataValue = Message.coordinatorValue("ShareGroupMemberMetadataValue", {
  apiKey: 10,
  versions: "0",
  flexible: "0+"
}, {
  rackId: string({ nullable: true }),
  clientId: string(),
  clientHost: string(),
  subscribedTopicNames: array(string())
})

/** What decoding gives. @since 0.1.0 */
export type ShareGroupMemberMetadataValue = Message.Type<typeof ShareGroupMemberMetadataValue>
