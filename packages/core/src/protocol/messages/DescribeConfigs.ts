/**
 * DescribeConfigs: describes the configuration of topics, brokers and other resources.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeConfigsRequest = Message.request(Api.byName("DescribeConfigs"), {
  resources: array({
    resourceType: int8(),
    resourceName: string(),
    configurationKeys: array({ nullable: true }, string())
  }),
  includeSynonyms: boolean({ default: false }),
  includeDocumentation: boolean({ since: 3, default: false })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeConfigsRequest = Message.Type<typeof DescribeConfigsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeConfigsResponse = Message.response(Api.byName("DescribeConfigs"), {
  throttleTimeMs: int32(),
  results: array({
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    resourceType: int8(),
    resourceName: string(),
    configs: array({
      name: string(),
      value: string({ nullable: true }),
      readOnly: boolean(),
      configSource: int8({ default: -1, ignorable: true }),
      isSensitive: boolean(),
      synonyms: array({ ignorable: true }, {
        name: string(),
        value: string({ nullable: true }),
        source: int8()
      }),
      configType: int8({ since: 3, default: 0, ignorable: true }),
      documentation: string({ since: 3, nullable: true, ignorable: true })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeConfigsResponse = Message.Type<typeof DescribeConfigsResponse>
