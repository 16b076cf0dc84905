/**
 * CreateTopics: creates topics.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const CreateTopicsRequest = Message.request(Api.byName("CreateTopics"), {
  topics: array({
    name: string(),
    numPartitions: int32(),
    replicationFactor: int16(),
    assignments: array({
      partitionIndex: int32(),
      brokerIds: array(int32())
    }),
    configs: array({
      name: string(),
      value: string({ nullable: true })
    })
  }),
  timeoutMs: int32({ default: 60000 }),
  validateOnly: boolean({ default: false })
})

/** What decoding gives. @since 0.1.0 */
export type CreateTopicsRequest = Message.Type<typeof CreateTopicsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const CreateTopicsResponse = Message.response(Api.byName("CreateTopics"), {
  throttleTimeMs: int32({ ignorable: true }),
  topics: array({
    name: string(),
    topicId: uuid({ since: 7, ignorable: true }),
    errorCode: int16(),
    errorMessage: string({ nullable: true, ignorable: true }),
    topicConfigErrorCode: int16({ since: 5, tag: 0, ignorable: true }),
    numPartitions: int32({ since: 5, default: -1, ignorable: true }),
    replicationFactor: int16({ since: 5, default: -1, ignorable: true }),
    configs: array({ since: 5, nullable: true, ignorable: true }, {
      name: string(),
      value: string({ nullable: true }),
      readOnly: boolean(),
      configSource: int8({ default: -1, ignorable: true }),
      isSensitive: boolean()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type CreateTopicsResponse = Message.Type<typeof CreateTopicsResponse>
