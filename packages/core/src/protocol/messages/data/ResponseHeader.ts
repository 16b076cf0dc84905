/**
 * ResponseHeader: what stands before each response.
 *
 * @since 0.1.0
 */
import { int32 } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * What stands before each response.
 *
 * @since 0.1.0
 */
export const ResponseHeader = Message.header("ResponseHeader", { versions: "0-1", flexible: "1+" }, {
  correlationId: int32()
})

/** What decoding gives. @since 0.1.0 */
export type ResponseHeader = Message.Type<typeof ResponseHeader>
