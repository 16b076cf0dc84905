/**
 * CreatePartitions: gives topics more partitions.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const CreatePartitionsRequest = Message.request(Api.byName("CreatePartitions"), {
  topics: array({
    name: string(),
    count: int32(),
    assignments: array({ nullable: true }, {
      brokerIds: array(int32())
    })
  }),
  timeoutMs: int32(),
  validateOnly: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type CreatePartitionsRequest = Message.Type<typeof CreatePartitionsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const CreatePartitionsResponse = Message.response(Api.byName("CreatePartitions"), {
  throttleTimeMs: int32(),
  results: array({
    name: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type CreatePartitionsResponse = Message.Type<typeof CreatePartitionsResponse>
