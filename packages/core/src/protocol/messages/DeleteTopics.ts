/**
 * DeleteTopics (key 20): deletes topics.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 6.
 *
 * @since 0.1.0
 */
export const DeleteTopicsRequest = Message.request("DeleteTopicsRequest", {
  apiKey: 20,
  versions: "1-6",
  flexible: "4+"
}, {
  topics: array({ since: 6 }, {
    name: string({ nullable: true, default: null }),
    topicId: uuid()
  }),
  topicNames: array({ until: 5, ignorable: true }, string()),
  timeoutMs: int32()
})

/** What decoding gives. @since 0.1.0 */
export type DeleteTopicsRequest = Message.Type<typeof DeleteTopicsRequest>

/**
 * The response, versions 1 to 6.
 *
 * @since 0.1.0
 */
export const DeleteTopicsResponse = Message.response("DeleteTopicsResponse", {
  apiKey: 20,
  versions: "1-6",
  flexible: "4+"
}, {
  throttleTimeMs: int32({ ignorable: true }),
  responses: array({
    name: string({ nullableSince: 6 }),
    topicId: uuid({ since: 6, ignorable: true }),
    errorCode: int16(),
    errorMessage: string({ since: 5, nullable: true, default: null, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DeleteTopicsResponse = Message.Type<typeof DeleteTopicsResponse>
