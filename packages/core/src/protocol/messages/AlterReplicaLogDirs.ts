/**
 * AlterReplicaLogDirs (key 34): moves replicas between the log directories of a broker.
 *
 * @since 0.1.0
 */
import { array, int16, int32, string } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const AlterReplicaLogDirsRequest = Message.request("AlterReplicaLogDirsRequest", {
  apiKey: 34,
  versions: "1-2",
  flexible: "2+"
}, {
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
 * The response, versions 1 to 2.
 *
 * @since 0.1.0
 */
export const AlterReplicaLogDirsResponse = Message.response("AlterReplicaLogDirsResponse", {
  apiKey: 34,
  versions: "1-2",
  flexible: "2+"
}, {
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
