/**
 * ConsumerProtocolAssignment: what a consumer of a classic group is given.
 *
 * @since 0.1.0
 */
import { array, bytes, int32, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * What a consumer of a classic group is given.
 *
 * @since 0.1.0
 */
export const ConsumerProtocolAssignment = Message.data("ConsumerProtocolAssignment", {
  versions: "0-3",
  prefix: "version-lenient"
}, {
  assignedPartitions: array({
    topic: string(),
    partitions: array(int32())
  }),
  userData: bytes({ nullable: true, default: null })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerProtocolAssignment = Message.Type<typeof ConsumerProtocolAssignment>
