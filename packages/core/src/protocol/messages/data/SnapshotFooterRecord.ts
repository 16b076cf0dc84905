/**
 * SnapshotFooterRecord: the control record that ends a snapshot.
 *
 * @since 0.1.0
 */
import { int16 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The control record that ends a snapshot.
 *
 * @since 0.1.0
 */
export const SnapshotFooterRecord = Message.data("SnapshotFooterRecord", { versions: "0", flexible: "0+" }, {
  version: int16()
})

/** What decoding gives. @since 0.1.0 */
export type SnapshotFooterRecord = Message.Type<typeof SnapshotFooterRecord>
