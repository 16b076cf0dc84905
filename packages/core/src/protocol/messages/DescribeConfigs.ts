/**
 * DescribeConfigs (key 32): describes the configuration of topics, brokers and other resources.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int8, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 4.
 *
 * @since 0.1.0
 */
export const DescribeConfigsRequest = Message.request("DescribeConfigsRequest", {
  apiKey: 32,
  versions: "1-4",
  flexible: "4+"
}, {
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
 * The response, versions 1 to 4.
 *
 * @since 0.1.0
 */
export const DescribeConfigsResponse = Message.response("DescribeConfigsResponse", {
  apiKey: 32,
  versions: "1-4",
  flexible: "4+"
}, {
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
