/**
 * EndTxnMarker: the value of the control record that ends a transaction.
 *
 * @since 0.1.0
 */
import { int32 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The value of the control record that ends a transaction.
 *
 * @since 0.1.0
 */
export const EndTxnMarker = Message.data("EndTxnMarker", { versions: "0", prefix: "version-lenient" }, {
  coordinatorEpoch: int32()
})

/** What decoding gives. @since 0.1.0 */
export type EndTxnMarker = Message.Type<typeof EndTxnMarker>
