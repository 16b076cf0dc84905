/**
 * LeaderChangeMessage: the control record with which a leader of the quorum begins its epoch.
 *
 * @since 0.1.0
 */
import { array, int16, int32, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

const Voter = {
  voterId: int32(),
  voterDirectoryId: uuid({ since: 1 })
}

/**
 * The control record with which a leader of the quorum begins its epoch.
 *
 * @since 0.1.0
 */
export const LeaderChangeMessage = Message.data("LeaderChangeMessage", { versions: "0-1", flexible: "0+" }, {
  version: int16(),
  leaderId: int32(),
  voters: array(Voter),
  grantingVoters: array(Voter)
})

/** What decoding gives. @since 0.1.0 */
export type LeaderChangeMessage = Message.Type<typeof LeaderChangeMessage>
