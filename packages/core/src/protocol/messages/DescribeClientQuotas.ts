/**
 * DescribeClientQuotas: lists client quotas.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, float64, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeClientQuotasRequest = Message.request(Api.byName("DescribeClientQuotas"), {
  components: array({
    entityType: string(),
    matchType: int8(),
    match: string({ nullable: true })
  }),
  strict: boolean()
})

/** What decoding gives. @since 0.1.0 */
export type DescribeClientQuotasRequest = Message.Type<typeof DescribeClientQuotasRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeClientQuotasResponse = Message.response(Api.byName("DescribeClientQuotas"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: true }),
  entries: array({ nullable: true }, {
    entity: array({
      entityType: string(),
      entityName: string({ nullable: true })
    }),
    values: array({
      key: string(),
      value: float64()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeClientQuotasResponse = Message.Type<typeof DescribeClientQuotasResponse>
