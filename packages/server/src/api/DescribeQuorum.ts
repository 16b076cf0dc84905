/**
 * DescribeQuorum (key 55): who votes on the metadata log, and how far they are (KIP-595, KIP-836, KIP-853).
 *
 * There is one voter, which is this node.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Message from "@millrace/core/protocol/Message"
import { DescribeQuorumRequest, DescribeQuorumResponse } from "@millrace/core/protocol/messages/DescribeQuorum"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as MetadataLog from "../coordination/controller/MetadataLog.ts"
import { Node } from "../coordination/controller/Node.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import * as Handler from "./Handler.ts"

type Partition = Message.Input<typeof DescribeQuorumResponse>["topics"][number]["partitions"][number]

const unknown = (partitionIndex: number): Partition => ({
  partitionIndex,
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: "This server does not host this topic-partition.",
  leaderId: 0,
  leaderEpoch: 0,
  highWatermark: 0,
  currentVoters: [],
  observers: []
})

/**
 * The handler of DescribeQuorum.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  DescribeQuorumRequest,
  DescribeQuorumResponse,
  Effect.gen(function*() {
    const { id, logDirs } = yield* Node
    const replicas = yield* ReplicaManager
    const describe = (topic: string, partitionIndex: number, version: number, nowMs: number): Partition => {
      const log = topic === MetadataLog.topicName ? replicas.get(topic, partitionIndex) : undefined
      if (log === undefined) return unknown(partitionIndex)
      return {
        partitionIndex,
        errorCode: 0,
        errorMessage: null,
        leaderId: id,
        leaderEpoch: log.leaderEpoch,
        highWatermark: log.highWatermark,
        currentVoters: [{
          replicaId: id,
          ...(version >= 2 && { replicaDirectoryId: logDirs[0]!.id }),
          logEndOffset: log.logEndOffset,
          lastFetchTimestamp: nowMs,
          lastCaughtUpTimestamp: nowMs
        }],
        observers: []
      }
    }
    return ({ topics }, { version }) =>
      Effect.map(Clock.currentTimeMillis, (nowMs) => ({
        errorCode: 0,
        errorMessage: null,
        topics: topics.map(({ partitions, topicName }) => ({
          topicName,
          partitions: partitions.map(({ partitionIndex }) => describe(topicName, partitionIndex, version, nowMs))
        })),
        ...(version >= 2 && { nodes: [{ nodeId: id, listeners: [] }] })
      }))
  })
)
