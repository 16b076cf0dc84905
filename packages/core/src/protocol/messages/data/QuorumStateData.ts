/**
 * QuorumStateData: the file `quorum-state`: the epoch of the quorum, its leader and the vote given.
 *
 * @since 0.1.0
 */
import { array, int32, int64, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The file `quorum-state`: the epoch of the quorum, its leader and the vote given.
 *
 * @since 0.1.0
 */
export const QuorumStateData = Message.data("QuorumStateData", { versions: "0-1", flexible: "0+" }, {
  clusterId: string({ until: 0 }),
  leaderId: int32({ default: -1 }),
  leaderEpoch: int32({ default: -1 }),
  votedId: int32({ default: -1 }),
  votedDirectoryId: uuid({ since: 1 }),
  appliedOffset: int64({ until: 0 }),
  currentVoters: array({ until: 0, nullable: true }, {
    voterId: int32()
  })
})

/** What decoding gives. @since 0.1.0 */
export type QuorumStateData = Message.Type<typeof QuorumStateData>
