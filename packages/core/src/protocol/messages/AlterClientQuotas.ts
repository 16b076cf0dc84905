/**
 * AlterClientQuotas: changes client quotas.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, float64, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AlterClientQuotasRequest = Message.request(Api.byName("AlterClientQuotas"), {
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
 * The response.
 *
 * @since 0.1.0
 */
export const AlterClientQuotasResponse = Message.response(Api.byName("AlterClientQuotas"), {
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
