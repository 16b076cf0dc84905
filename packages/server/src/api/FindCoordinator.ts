/**
 * FindCoordinator (key 10): which broker keeps a group or a transaction (KIP-98, KIP-699).
 *
 * As Kafka: the internal topic is created by the first who asks, who is told COORDINATOR_NOT_AVAILABLE meanwhile.
 * Share partitions (type 2, KIP-932, from version 6 on) are found too, by keys of the form `group:topic id:partition`;
 * what brokers would ask there comes with share groups.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { FindCoordinatorRequest, FindCoordinatorResponse } from "@millrace/core/protocol/messages/FindCoordinator"
import * as Effect from "effect/Effect"
import { Controller } from "../coordination/controller/Controller.ts"
import { Node } from "../coordination/controller/Node.ts"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import {
  consumerOffsetsTopic,
  partitionOf,
  TopicDirectory,
  transactionStateTopic
} from "../coordination/shard/TopicDirectory.ts"
import { TransactionCoordinator } from "../coordination/transaction/TransactionCoordinator.ts"
import { creatable } from "./AutoCreation.ts"
import { endpointOf } from "./Brokers.ts"
import * as Handler from "./Handler.ts"

/** Where the states of share partitions are kept, the type of its keys, and what they look like. */
const shareStateTopic = "__share_group_state"
const shareKeys = 2
const shareKey = /^.+:[A-Za-z0-9_-]{22}:\d+$/

interface Found {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

const refused = (errorCode: number, errorMessage: string): Found => ({
  nodeId: -1,
  host: "",
  port: -1,
  errorCode,
  errorMessage
})

/**
 * The handler of FindCoordinator.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  Effect.gen(function*() {
    const controller = yield* Controller
    const groups = yield* GroupCoordinator
    const transactions = yield* TransactionCoordinator
    const topics = yield* TopicDirectory
    const { config } = yield* Node
    const { image } = controller

    const kinds = [
      { topic: consumerOffsetsTopic, partitionFor: groups.partitionFor },
      { topic: transactionStateTopic, partitionFor: transactions.partitionFor },
      { topic: shareStateTopic, partitionFor: (key: string) => partitionOf(topics, shareStateTopic, key) }
    ]

    const create = (topic: string) =>
      controller.createTopics({
        topics: [creatable(topic, config)],
        timeoutMs: config.number("request.timeout.ms"),
        validateOnly: false
      }).pipe(
        Effect.catch((error) => Effect.logWarning(`could not create ${topic}`, error)),
        Effect.as(refused(ErrorCode.COORDINATOR_NOT_AVAILABLE, "The coordinator is not available."))
      )

    const find = (keyType: number, key: string, listener: string, version: number): Effect.Effect<Found> => {
      const kind = kinds[keyType]
      const isWrong = keyType === shareKeys && (version < 6 || !shareKey.test(key))
      if (kind === undefined || isWrong) {
        return Effect.succeed(
          refused(ErrorCode.INVALID_REQUEST, `There is no coordinator of type ${keyType} for ${key}.`)
        )
      }
      const partition = kind.partitionFor(key)
      if (partition === undefined) return create(kind.topic)
      const leader = image.topics.get(kind.topic)?.partitions[partition]?.leader ?? -1
      const endpoint = endpointOf(image, leader, listener)
      return Effect.succeed(
        endpoint === undefined
          ? refused(ErrorCode.COORDINATOR_NOT_AVAILABLE, "The coordinator is not available.")
          : { nodeId: leader, host: endpoint.host, port: endpoint.port, errorCode: 0, errorMessage: null }
      )
    }

    return Effect.fnUntraced(function*({ coordinatorKeys, key, keyType }, { connection, version }) {
      if (version < 4) return { throttleTimeMs: 0, ...(yield* find(keyType, key, connection.listener, version)) }
      const coordinators: Array<Found & { readonly key: string }> = []
      for (const key of coordinatorKeys) {
        coordinators.push({ key, ...(yield* find(keyType, key, connection.listener, version)) })
      }
      return { throttleTimeMs: 0, coordinators }
    })
  })
)
