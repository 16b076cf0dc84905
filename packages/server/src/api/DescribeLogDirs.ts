/**
 * DescribeLogDirs (key 35): the log directories, and how much the partitions in them take (KIP-113, KIP-827).
 *
 * The sizes of the file systems are not known to the `Disk` port and said to be unknown (-1).
 *
 * @since 0.1.0
 */
import type * as Message from "@millrace/core/protocol/Message"
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "@millrace/core/protocol/messages/DescribeLogDirs"
import * as Effect from "effect/Effect"
import { Node } from "../coordination/controller/Node.ts"
import type { Partition } from "../replication/Partition.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

type Topic = Message.Input<typeof DescribeLogDirsResponse>["results"][number]["topics"][number]

const topicsOf = (partitions: ReadonlyArray<Partition>): ReadonlyArray<Topic> =>
  [...new Set(partitions.map(({ topic }) => topic))].map((name) => ({
    name,
    partitions: partitions.filter(({ topic }) => topic === name).map(({ partition, sizeBytes }) => ({
      partitionIndex: partition,
      partitionSize: sizeBytes,
      offsetLag: 0,
      isFutureKey: false
    }))
  }))

/**
 * The handler of DescribeLogDirs.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  Effect.gen(function*() {
    const { logDirs } = yield* Node
    const replicas = yield* ReplicaManager
    return ({ topics }) =>
      Effect.sync(() => {
        const isAsked = ({ partition, topic }: Partition): boolean =>
          topics === null || topics.some((asked) => asked.topic === topic && asked.partitions.includes(partition))
        const asked = replicas.hosted().filter(isAsked)
        return {
          throttleTimeMs: 0,
          errorCode: 0,
          results: logDirs.map(({ path }) => ({
            errorCode: 0,
            logDir: path,
            topics: topicsOf(asked.filter(({ directory }) => directory.startsWith(`${path}/`))),
            totalBytes: -1,
            usableBytes: -1,
            isCordoned: false
          }))
        }
      })
  })
)
