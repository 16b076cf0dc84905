/**
 * RequestHeader: what stands before each request.
 *
 * @since 0.1.0
 */
import { int16, int32, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * What stands before each request.
 *
 * @since 0.1.0
 */
export const RequestHeader = Message.header("RequestHeader", { versions: "1-2", flexible: "2+" }, {
  requestApiKey: int16(),
  requestApiVersion: int16(),
  correlationId: int32(),
  clientId: string({ nullable: true, plain: true })
})

/** What decoding gives. @since 0.1.0 */
export type RequestHeader = Message.Type<typeof RequestHeader>
