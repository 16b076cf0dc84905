/**
 * What is known of a cluster: its brokers, and the topics that were asked about.
 *
 * Keeps true: what is known of a partition never goes back to an older leader epoch of the same topic.
 * Leaves to others: asking (`Cluster`).
 *
 * @since 0.1.0
 */
import type { MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { topicErrorsMax } from "../limits.ts"

/**
 * A broker.
 *
 * @since 0.1.0
 */
export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/**
 * The brokers that an answer names as new leaders (KIP-951).
 *
 * @since 0.1.0
 */
export const namedNodes = (
  response: {
    readonly nodeEndpoints: ReadonlyArray<Omit<Node, "id"> & { readonly nodeId: number }>
  }
): ReadonlyArray<Node> =>
  response.nodeEndpoints.map(({ host, nodeId, port, rack }) => ({ id: nodeId, host, port, rack }))

/**
 * A partition; `leaderId` is -1 while there is no leader, `leaderEpoch` -1 if it is not known.
 *
 * @since 0.1.0
 */
export interface PartitionMetadata {
  readonly partition: number
  leaderId: number
  leaderEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly errorCode: number
}

/**
 * A topic. `topicId` is `Uuid.zero` where the broker tells none. Partitions by number, without gaps.
 *
 * @since 0.1.0
 */
export interface TopicMetadata {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: ReadonlyArray<PartitionMetadata>
  readonly updatedMs: number
}

/**
 * The state, shared by all who use a cluster. `generation` grows with each answer.
 *
 * @since 0.1.0
 */
export class ClusterMetadata {
  readonly nodes = new Map<number, Node>()
  readonly topics = new Map<string, TopicMetadata>()
  /** Why a topic that was asked for is not there, by name. */
  readonly topicErrors = new Map<string, number>()
  readonly #namesById = new Map<string, string>()
  clusterId: string | null = null
  controllerId = -1
  generation = 0

  topicName(topicId: string): string | undefined {
    return this.#namesById.get(topicId)
  }

  partition(topic: string, partition: number): PartitionMetadata | undefined {
    return this.topics.get(topic)?.partitions[partition]
  }

  /** Takes in an answer. With `complete`, topics that are not in it are gone. */
  update(response: MetadataResponse, complete: boolean, nowMs: number): void {
    this.generation++
    this.clusterId = response.clusterId
    this.controllerId = response.controllerId
    this.nodes.clear()
    for (const { host, nodeId, port, rack } of response.brokers) {
      this.nodes.set(nodeId, { id: nodeId, host, port, rack })
    }
    const before = new Map(this.topics)
    if (complete) {
      this.topics.clear()
      this.topicErrors.clear()
      this.#namesById.clear()
    }
    for (const topic of response.topics) {
      if (topic.name === null) continue
      if (topic.errorCode !== 0) {
        if (this.topicErrors.size >= topicErrorsMax) this.topicErrors.clear()
        this.topicErrors.set(topic.name, topic.errorCode)
        this.#forget(topic.name)
        continue
      }
      this.topicErrors.delete(topic.name)
      const known = before.get(topic.name)
      if (known !== undefined && known.topicId !== topic.topicId) this.#namesById.delete(known.topicId)
      this.topics.set(topic.name, merge(topic, known, nowMs))
      if (topic.topicId !== Uuid.zero) this.#namesById.set(topic.topicId, topic.name)
    }
  }

  #forget(name: string): void {
    const topic = this.topics.get(name)
    if (topic === undefined) return
    this.#namesById.delete(topic.topicId)
    this.topics.delete(name)
  }

  /** Takes in what a broker said about a new leader when it refused a request (KIP-951). */
  hint(topic: string, partition: number, leaderId: number, leaderEpoch: number, nodes: ReadonlyArray<Node>): boolean {
    const known = this.partition(topic, partition)
    if (known === undefined || leaderId < 0 || leaderEpoch <= known.leaderEpoch) return false
    for (const node of nodes) this.nodes.set(node.id, node)
    if (!this.nodes.has(leaderId)) return false
    known.leaderId = leaderId
    known.leaderEpoch = leaderEpoch
    return true
  }
}

const merge = (
  topic: MetadataResponse["topics"][number],
  before: TopicMetadata | undefined,
  nowMs: number
): TopicMetadata => {
  const sameTopic = before !== undefined && before.topicId === topic.topicId
  const partitions: Array<PartitionMetadata> = []
  for (const one of [...topic.partitions].sort((a, b) => a.partitionIndex - b.partitionIndex)) {
    const known = sameTopic ? before.partitions[one.partitionIndex] : undefined
    const isOlder = known !== undefined && one.leaderEpoch >= 0 && one.leaderEpoch < known.leaderEpoch
    partitions.push(
      isOlder ? known : {
        partition: one.partitionIndex,
        leaderId: one.leaderId,
        leaderEpoch: one.leaderEpoch,
        replicas: one.replicaNodes,
        isr: one.isrNodes,
        errorCode: one.errorCode
      }
    )
  }
  return {
    name: topic.name!,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions,
    updatedMs: nowMs
  }
}
