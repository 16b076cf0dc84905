/**
 * UpdateRaftVoter: changes the addresses of a voter of the quorum.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string, struct, uint16, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const UpdateRaftVoterRequest = Message.request(Api.byName("UpdateRaftVoter"), {
  clusterId: string({ nullable: true }),
  currentLeaderEpoch: int32(),
  voterId: int32(),
  voterDirectoryId: uuid(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16()
  }),
  kRaftVersionFeature: struct({
    minSupportedVersion: int16(),
    maxSupportedVersion: int16()
  })
})

/** What decoding gives. @since 0.1.0 */
export type UpdateRaftVoterRequest = Message.Type<typeof UpdateRaftVoterRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const UpdateRaftVoterResponse = Message.response(Api.byName("UpdateRaftVoter"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  currentLeader: struct({ tag: 0 }, {
    leaderId: int32({ default: -1 }),
    leaderEpoch: int32({ default: -1 }),
    host: string(),
    port: int32()
  })
})

/** What decoding gives. @since 0.1.0 */
export type UpdateRaftVoterResponse = Message.Type<typeof UpdateRaftVoterResponse>
