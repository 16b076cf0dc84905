/**
 * AlterReplicaLogDirs: moves replicas between the log directories of a broker.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AlterReplicaLogDirsRequest = Message.request(Api.byName("AlterReplicaLogDirs"), {
  dirs: array({
    path: string(),
    topics: array({
      name: string(),
      partitions: array(int32())
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterReplicaLogDirsRequest = Message.Type<typeof AlterReplicaLogDirsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AlterReplicaLogDirsResponse = Message.response(Api.byName("AlterReplicaLogDirs"), {
  throttleTimeMs: int32(),
  results: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16()
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AlterReplicaLogDirsResponse = Message.Type<typeof AlterReplicaLogDirsResponse>
