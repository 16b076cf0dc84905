/**
 * CreatePartitions (key 37): gives topics more partitions.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 3.
 *
 * @since 0.1.0
 */
export const CreatePartitionsRequest = Message.request("CreatePartitionsRequest", {
  apiKey: 37,
  versions: "0-3",
  flexible: "2+"
}, {
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
 * The response, versions 0 to 3.
 *
 * @since 0.1.0
 */
export const CreatePartitionsResponse = Message.response("CreatePartitionsResponse", {
  apiKey: 37,
  versions: "0-3",
  flexible: "2+"
}, {
  throttleTimeMs: int32(),
  results: array({
    name: string(),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null })
  })
})

/** What decoding gives. @since 0.1.0 */
export type CreatePartitionsResponse = Message.Type<typeof CreatePartitionsResponse>
