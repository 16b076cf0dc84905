/**
 * AlterClientQuotas (key 49): changes client quotas.
 *
 * @since 0.1.0
 */
import { array, boolean, float64, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const AlterClientQuotasRequest = Message.request("AlterClientQuotasRequest", {
  apiKey: 49,
  versions: "0-1",
  flexible: "1+"
}, {
  entries: array({
    entity: array({
      entityType: string(),
      entityName: string({ nullable: true })
    }),
    ops: array({
      key: string(),
      value: float64(),
      remove: boolean()
    })
  }),
  validateOnly: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type AlterClientQuotasRequest = Message.Type<typeof AlterClientQuotasRequest>

/**
 * The response, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const AlterClientQuotasResponse = Message.response("AlterClientQuotasResponse", {
  apiKey: 49,
  versions: "0-1",
  flexible: "1+"
}, {
  throttleTimeMs: int32(),
  entries: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    entity: array({
      entityType: string(),
      entityName: string({ nullable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterClientQuotasResponse = Message.Type<typeof AlterClientQuotasResponse>
