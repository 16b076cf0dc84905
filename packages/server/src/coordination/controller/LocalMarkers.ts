/**
 * Writes the ends of transactions at the partitions of this broker.
 *
 * Keeps true: a partition is reported as done only when its marker is committed there; offsets of a transaction count or
 * vanish with the marker of their partition of `__consumer_offsets`.
 * Leaves to others: partitions of other brokers (with replication), trying again (the transaction coordinator).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { markersAtOnceMax } from "../../limits.ts"
import { ReplicaManager } from "../../replication/ReplicaManager.ts"
import { GroupCoordinator } from "../group/GroupCoordinator.ts"
import { consumerOffsetsTopic } from "../shard/TopicDirectory.ts"
import { type Marker, MarkerSender } from "../transaction/MarkerSender.ts"

/**
 * The sender of a cluster of one.
 *
 * @since 0.1.0
 */
export const layer = Layer.effect(
  MarkerSender,
  Effect.gen(function*() {
    const groups = yield* GroupCoordinator
    const replicas = yield* ReplicaManager

    const write = (topic: string, index: number, marker: Marker): Effect.Effect<number> => {
      const { coordinatorEpoch, producerEpoch, producerId, transactionResult: commit, transactionVersion } = marker
      if (topic === consumerOffsetsTopic) {
        const ended = { producerId, producerEpoch, coordinatorEpoch, committed: commit, transactionVersion }
        return Effect.match(groups.completeTransaction(index, ended), {
          onSuccess: () => 0,
          onFailure: ({ code }) => code
        })
      }
      const partition = replicas.get(topic, index)
      if (partition === undefined) return Effect.succeed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      return partition.writeTransactionMarker({
        producerId,
        producerEpoch,
        coordinatorEpoch,
        commit,
        transactionVersion
      }).pipe(
        Effect.flatMap(({ lastOffset }) => partition.awaitCommitted(lastOffset)),
        Effect.match({ onSuccess: () => 0, onFailure: ({ code }) => code })
      )
    }

    return MarkerSender.of({
      send: (marker) =>
        Effect.forEach(
          marker.topics.flatMap(({ name, partitionIndexes }) =>
            partitionIndexes.map((partition) => ({ topic: name, partition }))
          ),
          ({ partition, topic }) =>
            Effect.map(write(topic, partition, marker), (errorCode) => ({ topic, partition, errorCode })),
          { concurrency: markersAtOnceMax }
        )
    })
  })
)
