/**
 * SnapshotHeaderRecord: the control record that begins a snapshot.
 *
 * @since 0.1.0
 */
import { int16, int64 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The control record that begins a snapshot.
 *
 * @since 0.1.0
 */
export const SnapshotHeaderRecord = Message.data("SnapshotHeaderRecord", { versions: "0", flexible: "0+" }, {
  version: int16(),
  lastContainedLogTimestamp: int64()
})

/** What decoding gives. @since 0.1.0 */
export type SnapshotHeaderRecord = Message.Type<typeof SnapshotHeaderRecord>
