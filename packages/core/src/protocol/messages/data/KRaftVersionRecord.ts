/**
 * KRaftVersionRecord: the control record that holds the version of the quorum's protocol.
 *
 * @since 0.1.0
 */
import { int16 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The control record that holds the version of the quorum's protocol.
 *
 * @since 0.1.0
 */
export const KRaftVersionRecord = Message.data("KRaftVersionRecord", { versions: "0", flexible: "0+" }, {
  version: int16(),
  kRaftVersion: int16()
})

/** What decoding gives. @since 0.1.0 */
export type KRaftVersionRecord = Message.Type<typeof KRaftVersionRecord>
