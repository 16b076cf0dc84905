/**
 * ConsumerProtocolSubscription: what a consumer of a classic group wants.
 *
 * @since 0.1.0
 */
import { array, bytes, int32, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * What a consumer of a classic group wants.
 *
 * @since 0.1.0
 */
export const ConsumerProtocolSubscription = Message.data("ConsumerProtocolSubscription", {
  versions: "0-3",
  prefix: "version-lenient"
}, {
  topics: array(string()),
  userData: bytes({ nullable: true, default: null }),
  ownedPartitions: array({ since: 1, ignorable: true }, {
    topic: string(),
    partitions: array(int32())
  }),
  generationId: int32({ since: 2, default: -1, ignorable: true }),
  rackId: string({ since: 3, nullable: true, default: null, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerProtocolSubscription = Message.Type<typeof ConsumerProtocolSubscription>
