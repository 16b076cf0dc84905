/**
 * DescribeLogDirs (key 35): describes the log directories of a broker and what they hold.
 *
 * @since 0.1.0
 */
import { array, boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 5.
 *
 * @since 0.1.0
 */
export const DescribeLogDirsRequest = Message.request("DescribeLogDirsRequest", {
  apiKey: 35,
  versions: "1-5",
  flexible: "2+"
}, {
  topics: array({ nullable: true }, {
    topic: string(),
    partitions: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeLogDirsRequest = Message.Type<typeof DescribeLogDirsRequest>

/**
 * The response, versions 1 to 5.
 *
 * @since 0.1.0
 */
export const DescribeLogDirsResponse = Message.response("DescribeLogDirsResponse", {
  apiKey: 35,
  versions: "1-5",
  flexible: "2+"
}, {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 3, ignorable: true }),
  results: array({
    errorCode: int16(),
    logDir: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        partitionSize: int64(),
        offsetLag: int64(),
        isFutureKey: boolean()
      })
    }),
    totalBytes: int64({ since: 4, default: -1, ignorable: true }),
    usableBytes: int64({ since: 4, default: -1, ignorable: true }),
    isCordoned: boolean({ since: 5, default: false, ignorable: true })
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeLogDirsResponse = Message.Type<typeof DescribeLogDirsResponse>
