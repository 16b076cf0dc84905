/**
 * AssignReplicasToDirs: tells the controller in which log directory replicas are.
 *
 * @since 0.1.0
 */
import * as Api from "../Api.ts"
import { array, int16, int32, int64, uuid } from "../Field.ts"
import * as Message from "../Message.ts"

/**
 * The request.
 *
 * @since 0.1.0
 */
export const AssignReplicasToDirsRequest = Message.request(Api.byName("AssignReplicasToDirs"), {
  brokerId: int32(),
  brokerEpoch: int64({ default: -1 }),
  directories: array({
    id: uuid(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32()
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AssignReplicasToDirsRequest = Message.Type<typeof AssignReplicasToDirsRequest>

/**
 * The response.
 *
 * @since 0.1.0
 */
export const AssignReplicasToDirsResponse = Message.response(Api.byName("AssignReplicasToDirs"), {
  throttleTimeMs: int32(),
  errorCode: int16(),
  directories: array({
    id: uuid(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16()
      })
    })
  })
})

/** What decoding gives. @since 0.1.0 */
export type AssignReplicasToDirsResponse = Message.Type<typeof AssignReplicasToDirsResponse>
