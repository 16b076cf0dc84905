/**
 * DescribeLogDirs: describes the log directories of a broker and what they hold.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, boolean, int16, int32, int64, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const DescribeLogDirsRequest = Message.request(Api.byName("DescribeLogDirs"), {
  topics: array({ nullable: true }, {
    topic: string(),
    partitions: array(int32())
  })
})

/** What decoding gives. @since 0.1.0 */
export type DescribeLogDirsRequest = Message.Type<typeof DescribeLogDirsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const DescribeLogDirsResponse = Message.response(Api.byName("DescribeLogDirs"), {
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
