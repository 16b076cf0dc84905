/**
 * ControlRecordTypeSchema: the key of a control record.
 *
 * @since 0.1.0
 */
import { int16 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The key of a control record.
 *
 * @since 0.1.0
 */
export const ControlRecordTypeSchema = Message.data("ControlRecordTypeSchema", { versions: "0" }, {
  type: int16()
})

/** What decoding gives. @since 0.1.0 */
export type ControlRecordTypeSchema = Message.Type<typeof ControlRecordTypeSchema>
