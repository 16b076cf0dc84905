/**
 * RemoveTopicRecord (type 9 of `__cluster_metadata`): a topic was deleted.
 *
 * @since 0.1.0
 */
import { uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const RemoveTopicRecord = Message.metadataRecord("RemoveTopicRecord", {
  apiKey: 9,
  versions: "0",
  flexible: "0+"
}, {
  topicId: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveTopicRecord = Message.Type<typeof RemoveTopicRecord>
