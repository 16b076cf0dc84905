/**
 * SubscriptionInfoData: what a member of a classic Kafka Streams group tells the assignor.
 *
 * @since 0.1.0
 */
import { array, bytes, int32, int64, int8, string, uuid } from "../../Field.ts"
import * as Message from "../../Message.ts"

const TaskId = {
  topicGroupId: int32(),
  partition: int32()
}

const PartitionToOffsetSum = {
  partition: int32(),
  offsetSum: int64()
}

const TaskOffsetSum = {
  topicGroupId: int32(),
  partition: int32({ since: 10 }),
  offsetSum: int64({ since: 10 }),
  namedTopology: string({ since: 10, nullable: true }),
  partitionToOffsetSum: array({ until: 9 }, PartitionToOffsetSum)
}

const ClientTag = {
  key: bytes(),
  value: bytes()
}

/**
 * What a member of a classic Kafka Streams group tells the assignor.
 *
 * @since 0.1.0
 */
export const SubscriptionInfoData = Message.data("SubscriptionInfoData", { versions: "1-11" }, {
  version: int32(),
  latestSupportedVersion: int32({ since: 3, default: -1 }),
  processId: uuid(),
  prevTasks: array({ until: 6 }, TaskId),
  standbyTasks: array({ until: 6 }, TaskId),
  userEndPoint: bytes({ since: 2 }),
  taskOffsetSums: array({ since: 7 }, TaskOffsetSum),
  uniqueField: int8({ since: 8 }),
  errorCode: int32({ since: 9 }),
  clientTags: array({ since: 11 }, ClientTag)
})

/** What decoding gives. @since 0.1.0 */
export type SubscriptionInfoData = Message.Type<typeof SubscriptionInfoData>
