/**
 * DefaultPrincipalData: the principal in an Envelope request.
 *
 * @since 0.1.0
 */
import { boolean, string } from "../../Field.ts"
import * as Message from "../../Message.ts"

/**
 * The principal in an Envelope request.
 *
 * @since 0.1.0
 */
export const DefaultPrincipalData = Message.data("DefaultPrincipalData", {
  versions: "0",
  flexible: "0+",
  prefix: "version"
}, {
  type: string(),
  name: string(),
  tokenAuthenticated: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type DefaultPrincipalData = Message.Type<typeof DefaultPrincipalData>
