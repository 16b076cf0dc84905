/**
 * TopicRecord (type 2 of `__cluster_metadata`): a topic was created.
 *
 * @since 0.1.0
 */
import { string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The record.
 *
 * @since 0.1.0
 */
export const TopicRecord = Message.metadataRecord("TopicRecord", { apiKey: 2, versions: "0", flexible: "0+" }, {
  name: string(),
  topicId: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type TopicRecord = Message.Type<typeof TopicRecord>
