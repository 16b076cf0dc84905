/**
 * GroupMetadata (type 2 of `__consumer_offsets`): a classic group with its members and their assignment.
 *
 * @since 0.1.0
 */
import { array, bytes, int32, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const GroupMetadataKey = Message.coordinatorKey("GroupMetadataKey", { apiKey: 2, versions: "0" }, {
  group: string()
})

/** What decoding gives. @since 0.1.0 */
export type GroupMetadataKey = Message.Type<typeof GroupMetadataKey>

const MemberMetadata = {
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: true, default: null, ignorable: true }),
  clientId: string(),
  clientHost: string(),
  rebalanceTimeout: int32({ since: 1, default: -1, ignorable: true }),
  sessionTimeout: int32(),
  subscription: bytes(),
  assignment: bytes()
}

/**
 * The value.
 *
 * @since 0.1.0
 */
export const GroupMetadataValue = Message.coordinatorValue("GroupMetadataValue", {
  apiKey: 2,
  versions: "0-4",
  flexible: "4+"
}, {
  protocolType: string(),
  generation: int32(),
  protocol: string({ nullable: true }),
  leader: string({ nullable: true }),
  currentStateTimestamp: int64({ since: 2, default: -1, ignorable: true }),
  members: array(MemberMetadata)
})

/** What decoding gives. @since 0.1.0 */
export type GroupMetadataValue = Message.Type<typeof GroupMetadataValue>
