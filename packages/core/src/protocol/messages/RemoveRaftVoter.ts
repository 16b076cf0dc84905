/**
 * RemoveRaftVoter (key 81): removes a voter from the quorum.
 *
 * @since 0.1.0
 */
import { int16, int32, string, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, version 0.
 *
 * @since 0.1.0
 */
export const RemoveRaftVoterRequest = Message.request("RemoveRaftVoterRequest", {
  apiKey: 81,
  versions: "0",
  flexible: "0+"
}, {
  clusterId: string({ nullable: true }),
  voterId: int32(),
  voterDirectoryId: uuid()
})

/** What decoding gives. @since 0.1.0 */
export type RemoveRaftVoterRequest = Message.Type<typeof RemoveRaftVoterRequest>

/**
 * The response, version 0.
 *
 * @since 0.1.0
 */
export const RemoveRaftVoterResponse = Message.response("RemoveRaftVoterResponse", {
  apiKey: 81,
  versions: "0",
  flexible: "0+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type RemoveRaftVoterResponse = Message.Type<typeof RemoveRaftVoterResponse>
