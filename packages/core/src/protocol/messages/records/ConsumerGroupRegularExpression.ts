/**
 * ConsumerGroupRegularExpression (type 16 of `__consumer_offsets`): the topics that a regular expression of a consumer group stands for.
 *
 * @since 0.1.0
 */
import { array, int64, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key.
 *
 * @since 0.1.0
 */
export const ConsumerGroupRegularExpressionKey = Message.coordinatorKey("ConsumerGroupRegularExpressionKey", {
  apiKey: 16,
  versions: "0"
}, {
  groupId: string(),
  regularExpression: string()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupRegularExpressionKey = Message.Type<typeof ConsumerGroupRegularExpressionKey>

/**
 * The value.
 *
 * @since 0.1.0
 */
export const ConsumerGroupRegularExpressionValue = Message.coordinatorValue("ConsumerGroupRegularExpressionValue", {
  apiKey: 16,
  versions: "0",
  flexible: "0+"
}, {
  topics: array(string()),
  version: int64(),
  timestamp: int64()
})

/** What decoding gives. @since 0.1.0 */
export type ConsumerGroupRegularExpressionValue = Message.Type<typeof ConsumerGroupRegularExpressionValue>
