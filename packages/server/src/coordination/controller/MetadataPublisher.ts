/**
 * Makes true on this broker what the metadata says: logs of partitions, their settings and leaders, shards of coordinators.
 *
 * Keeps true: when a change is published, the partitions of this broker that it names are open, or the failure is logged and
 * they answer with an error.
 * Leaves to others: what the change is (`Controller`).
 *
 * @since 0.1.0
 */
import { Compression } from "@millrace/core/records/Compression"
import * as Effect from "effect/Effect"
import { partitionsOpenedAtOnceMax } from "../../limits.ts"
import type { Partition } from "../../replication/Partition.ts"
import { ReplicaManager } from "../../replication/ReplicaManager.ts"
import { GroupCoordinator } from "../group/GroupCoordinator.ts"
import * as PartitionShardLog from "../shard/PartitionShardLog.ts"
import { consumerOffsetsTopic, transactionStateTopic } from "../shard/TopicDirectory.ts"
import { TransactionCoordinator } from "../transaction/TransactionCoordinator.ts"
import { Controller } from "./Controller.ts"
import * as MetadataDelta from "./MetadataDelta.ts"
import { ConfigResource, type TopicImage } from "./MetadataImage.ts"
import { Node } from "./Node.ts"
import * as TopicConfig from "./TopicConfig.ts"

/**
 * Publishes what is there, and from then on what changes.
 *
 * @since 0.1.0
 */
export const start = Effect.gen(function*() {
  const codecs = yield* Compression
  const controller = yield* Controller
  const groups = yield* GroupCoordinator
  const node = yield* Node
  const replicas = yield* ReplicaManager
  const transactions = yield* TransactionCoordinator
  const { image } = controller

  const configOf = (topic: string) => TopicConfig.logConfig(node.config, image.config(ConfigResource.topic, topic))

  const elect = (partition: Partition) => {
    const coordinator = partition.topic === consumerOffsetsTopic
      ? groups
      : partition.topic === transactionStateTopic
      ? transactions
      : undefined
    return coordinator === undefined
      ? Effect.void
      : coordinator.elected(partition.partition, partition.leaderEpoch, PartitionShardLog.make(partition, codecs))
  }

  const open = (topicId: string, index: number) =>
    Effect.gen(function*() {
      const topic = image.topicsById.get(topicId)
      const assigned = topic?.partitions[index]
      if (topic === undefined || assigned === undefined || assigned.leader !== node.id) return
      const partition = yield* replicas.create({
        topic: topic.name,
        partition: index,
        topicId,
        config: configOf(topic.name),
        leaderEpoch: assigned.leaderEpoch
      })
      yield* elect(partition)
    }).pipe(
      Effect.catch((error) => Effect.logError(`partition ${index} of topic ${topicId} is not available`, error))
    )

  const close = Effect.fnUntraced(function*(topic: TopicImage) {
    for (const index of topic.partitions.keys()) {
      if (topic.name === consumerOffsetsTopic) yield* groups.resigned(index)
      if (topic.name === transactionStateTopic) yield* transactions.resigned(index)
      yield* replicas.delete(topic.name, index).pipe(
        Effect.catch((error) => Effect.logError(`could not delete partition ${index} of ${topic.name}`, error))
      )
    }
  })

  const configure = (topics: ReadonlyArray<string>) =>
    Effect.sync(() => {
      for (const name of topics) {
        const config = configOf(name)
        for (const index of image.topics.get(name)?.partitions.keys() ?? []) {
          replicas.get(name, index)?.updateConfig(config)
        }
      }
    })

  const publish = Effect.fnUntraced(function*(delta: MetadataDelta.MetadataDelta) {
    yield* Effect.forEach(delta.topicsRemoved, close, { discard: true })
    if (delta.topicsRemoved.length > 0) yield* groups.topicsDeleted(delta.topicsRemoved.map(({ name }) => name))
    yield* configure(delta.brokersConfigured ? [...image.topics.keys()] : delta.topicsConfigured)
    yield* Effect.forEach(
      delta.partitionsChanged,
      ({ partition, topicId }) => open(topicId, partition),
      { concurrency: partitionsOpenedAtOnceMax, discard: true }
    )
  })

  /**
   * Logs that no topic has. They are deleted only if the deletion of their topic was read: then a crash came before that of
   * their files. Others are set aside, as Kafka does: it may be the metadata that is wrong.
   */
  const retireStrays = Effect.fnUntraced(function*() {
    for (const { partition, topic, topicId } of replicas.strays()) {
      const known = image.topics.get(topic)
      const isOurs = known !== undefined && (topicId === undefined || topicId === known.id)
      if (isOurs && known.partitions[partition] !== undefined) continue
      const isDeleted = topicId !== undefined && controller.deletedTopics.has(topicId)
      yield* Effect.logWarning(
        isDeleted
          ? `deleting partition ${partition} of ${topic}, whose topic was deleted`
          : `partition ${partition} of ${topic} is on disk, but not in the metadata; its directory is renamed to *-stray`
      )
      yield* (isDeleted ? replicas.delete(topic, partition) : replicas.setAside(topic, partition)).pipe(
        Effect.catch((error) => Effect.logError(`could not retire partition ${partition} of ${topic}`, error))
      )
    }
  })

  yield* retireStrays()
  yield* publish(MetadataDelta.everything(image))
  yield* controller.subscribe(publish)
})
