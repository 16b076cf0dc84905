/**
 * OffsetDelete: deletes committed offsets of a group.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const OffsetDeleteRequest = Message.request(Api.byName("OffsetDelete"), {
  groupId: string(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetDeleteRequest = Message.Type<typeof OffsetDeleteRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const OffsetDeleteResponse = Message.response(Api.byName("OffsetDelete"), {
  errorCode: int16(),
  throttleTimeMs: int32({ ignorable: true }),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type OffsetDeleteResponse = Message.Type<typeof OffsetDeleteResponse>
