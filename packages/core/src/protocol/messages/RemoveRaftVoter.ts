/**
 * RemoveRaftVoter: removes a voter from the quorum.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const RemoveRaftVoterRequest = Message.request(Api.byName("RemoveRaftVoter"), {
  clusterId: string({ nullable: true }),
  voterId: int32(),
  voterDirectoryId: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveRaftVoterRequest = Message.Type<typeof RemoveRaftVoterRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const RemoveRaftVoterResponse = Message.response(Api.byName("RemoveRaftVoter"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type RemoveRaftVoterResponse = Message.Type<typeof RemoveRaftVoterResponse>
