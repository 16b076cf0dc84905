/**
 * AddRaftVoter: adds a voter to the quorum.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, string, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AddRaftVoterRequest = Message.request(Api.byName("AddRaftVoter"), {
  clusterId: string({ nullable: true }),
  timeoutMs: int32(),
  voterId: int32(),
  voterDirectoryId: uuid(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16()
  }),
  ackWhenCommitted: boolean({ since: 1, default: true })
})

/** What decoding gives. @since 0.1.0 */
export type AddRaftVoterRequest = Message.Type<typeof AddRaftVoterRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AddRaftVoterResponse = Message.response(Api.byName("AddRaftVoter"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true, ignorable: true })
})

/** What decoding gives. @since 0.1.0 */
export type AddRaftVoterResponse = Message.Type<typeof AddRaftVoterResponse>
