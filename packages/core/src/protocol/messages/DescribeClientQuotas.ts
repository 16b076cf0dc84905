/**
 * DescribeClientQuotas (key 48): lists client quotas.
 *
 * @since 0.1.0
 */
import { array, boolean, float64, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const DescribeClientQuotasRequest = Message.request("DescribeClientQuotasRequest", {
  apiKey: 48,
  versions: "0-1",
  flexible: "1+"
}, {
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
 * The response, versions 0 to 1.
 *
 * @since 0.1.0
 */
export const DescribeClientQuotasResponse = Message.response("DescribeClientQuotasResponse", {
  apiKey: 48,
  versions: "0-1",
  flexible: "1+"
}, {
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
