/**
 * DeleteTopics: deletes topics.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DeleteTopicsRequest = Message.request(Api.byName("DeleteTopics"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const DeleteTopicsResponse = Message.response(Api.byName("DeleteTopics"), {
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
