/**
 * VotersRecord: the control record that holds the voters of the quorum.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string, struct, uint16, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The control record that holds the voters of the quorum.
 *
 * @since 0.1.0
 */
export const VotersRecord = Message.data("VotersRecord", { versions: "0", flexible: "0+" }, {
  version: int16(),
  voters: array({
    voterId: int32(),
    voterDirectoryId: uuid(),
    endpoints: array({
      name: string(),
      host: string(),
      port: uint16()
    }),
    kRaftVersionFeature: struct({
      minSupportedVersion: int16(),
      maxSupportedVersion: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type VotersRecord = Message.Type<typeof VotersRecord>
