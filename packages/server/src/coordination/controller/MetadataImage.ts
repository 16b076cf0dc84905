/**
 * What the cluster is: topics, brokers, settings, features; a fold of the records of the metadata log.
 *
 * Keeps true: the image depends on nothing but the records replayed into it, in their order; records of kinds that are not
 * used yet (quotas, access rules, tokens) are kept by the log and ignored here.
 * Leaves to others: deciding (`Controller*`), storing (`MetadataLog`), acting on it (`MetadataPublisher`).
 *
 * @since 0.1.0
 */
import type { MetadataRecord } from "./MetadataRecord.ts"
import { fold } from "./TopicName.ts"

/**
 * A partition: which brokers hold it, who leads it.
 *
 * @since 0.1.0
 */
export interface PartitionImage {
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  /** The log directory of each replica, in the order of `replicas`. */
  readonly directories: ReadonlyArray<string>
  readonly eligibleLeaderReplicas: ReadonlyArray<number>
  readonly lastKnownElr: ReadonlyArray<number>
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly leaderRecoveryState: number
}

/**
 * A topic; its partitions by number, without gaps.
 *
 * @since 0.1.0
 */
export interface TopicImage {
  readonly name: string
  readonly id: string
  readonly partitions: Array<PartitionImage>
}

/**
 * Where a broker listens.
 *
 * @since 0.1.0
 */
export interface Endpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: number
}

/**
 * A registered broker.
 *
 * @since 0.1.0
 */
export interface BrokerImage {
  readonly id: number
  readonly epoch: number
  readonly incarnationId: string
  readonly endpoints: ReadonlyArray<Endpoint>
  readonly rack: string | null
  readonly logDirs: ReadonlyArray<string>
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
}

/**
 * The types of what has settings.
 *
 * @since 0.1.0
 */
export const ConfigResource = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

const emptyConfig: ReadonlyMap<string, string> = new Map()

/**
 * The image. Changed by `replay` only.
 *
 * @since 0.1.0
 */
export class MetadataImage {
  readonly topics = new Map<string, TopicImage>()
  readonly topicsById = new Map<string, TopicImage>()
  readonly brokers = new Map<number, BrokerImage>()
  /** The finalized level of each feature. */
  readonly features = new Map<string, number>()
  /** The producer id that the next block begins with. */
  nextProducerId = 0
  readonly #configs = new Map<string, Map<string, string>>()
  /** Names of topics by their folded form (`TopicName.fold`), for those that fold. */
  readonly #folded = new Map<string, string>()

  /** The topic whose name folds to this, if there is one. */
  foldedName(folded: string): string | undefined {
    return this.#folded.get(folded)
  }

  /** What is set for a resource (`ConfigResource`); the name is empty for all brokers together. */
  config(type: number, name: string): ReadonlyMap<string, string> {
    return this.#configs.get(`${type}:${name}`) ?? emptyConfig
  }

  /** The names of the resources of a type for which something is set. */
  configured(type: number): ReadonlyArray<string> {
    const prefix = `${type}:`
    return [...this.#configs.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  }

  /** Takes a record that stands at `offset` of the log (a snapshot's records: its end offset). */
  replay(record: MetadataRecord, offset: number): void {
    switch (record.type) {
      case "TopicRecord": {
        const topic: TopicImage = { name: record.value.name, id: record.value.topicId, partitions: [] }
        this.topics.set(topic.name, topic)
        this.topicsById.set(topic.id, topic)
        this.#folded.set(fold(topic.name), topic.name)
        return
      }
      case "RemoveTopicRecord":
        return this.#removeTopic(record.value.topicId)
      case "PartitionRecord":
        return this.#replayPartition(record.value)
      case "PartitionChangeRecord":
        return this.#replayPartitionChange(record.value)
      case "ConfigRecord":
        return this.#replayConfig(record.value)
      case "FeatureLevelRecord": {
        const { name, featureLevel } = record.value
        if (featureLevel === 0) this.features.delete(name)
        else this.features.set(name, featureLevel)
        return
      }
      case "ProducerIdsRecord":
        this.nextProducerId = record.value.nextProducerId
        return
      case "RegisterBrokerRecord":
        return this.#replayRegistration(record.value, offset)
      case "UnregisterBrokerRecord":
        this.brokers.delete(record.value.brokerId)
        return
      case "FenceBrokerRecord":
        return this.#changeBroker(record.value.id, { fenced: true })
      case "UnfenceBrokerRecord":
        return this.#changeBroker(record.value.id, { fenced: false })
      case "BrokerRegistrationChangeRecord":
        return this.#replayRegistrationChange(record.value)
      default:
        return
    }
  }

  #removeTopic(id: string): void {
    const topic = this.topicsById.get(id)
    if (topic === undefined) return
    this.topicsById.delete(id)
    this.topics.delete(topic.name)
    this.#folded.delete(fold(topic.name))
    this.#configs.delete(`${ConfigResource.topic}:${topic.name}`)
  }

  #replayPartition(value: MetadataRecord.Value<"PartitionRecord">): void {
    const topic = this.topicsById.get(value.topicId)
    if (topic === undefined) return
    topic.partitions[value.partitionId] = {
      replicas: value.replicas,
      isr: value.isr,
      removingReplicas: value.removingReplicas,
      addingReplicas: value.addingReplicas,
      directories: value.directories,
      eligibleLeaderReplicas: value.eligibleLeaderReplicas ?? [],
      lastKnownElr: value.lastKnownElr ?? [],
      leader: value.leader,
      leaderEpoch: value.leaderEpoch,
      partitionEpoch: value.partitionEpoch,
      leaderRecoveryState: value.leaderRecoveryState
    }
  }

  #replayPartitionChange(value: MetadataRecord.Value<"PartitionChangeRecord">): void {
    const topic = this.topicsById.get(value.topicId)
    const before = topic?.partitions[value.partitionId]
    if (topic === undefined || before === undefined) return
    const led = value.leader !== unchangedLeader
    topic.partitions[value.partitionId] = {
      replicas: value.replicas ?? before.replicas,
      isr: value.isr ?? before.isr,
      removingReplicas: value.removingReplicas ?? before.removingReplicas,
      addingReplicas: value.addingReplicas ?? before.addingReplicas,
      directories: value.directories ?? before.directories,
      eligibleLeaderReplicas: value.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
      lastKnownElr: value.lastKnownElr ?? before.lastKnownElr,
      leader: led ? value.leader : before.leader,
      leaderEpoch: before.leaderEpoch + (led ? 1 : 0),
      partitionEpoch: before.partitionEpoch + 1,
      leaderRecoveryState: value.leaderRecoveryState >= 0 ? value.leaderRecoveryState : before.leaderRecoveryState
    }
  }

  #replayConfig({ name, resourceName, resourceType, value }: MetadataRecord.Value<"ConfigRecord">): void {
    const key = `${resourceType}:${resourceName}`
    const config = this.#configs.get(key) ?? new Map<string, string>()
    if (value === null) config.delete(name)
    else config.set(name, value)
    if (config.size === 0) this.#configs.delete(key)
    else this.#configs.set(key, config)
  }

  #replayRegistration(value: MetadataRecord.Value<"RegisterBrokerRecord">, offset: number): void {
    this.brokers.set(value.brokerId, {
      id: value.brokerId,
      epoch: value.brokerEpoch >= 0 ? value.brokerEpoch : offset,
      incarnationId: value.incarnationId,
      endpoints: value.endPoints.map(({ name, host, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol
      })),
      rack: value.rack,
      logDirs: value.logDirs,
      fenced: value.fenced,
      inControlledShutdown: value.inControlledShutdown
    })
  }

  #replayRegistrationChange(value: MetadataRecord.Value<"BrokerRegistrationChangeRecord">): void {
    // A change says -1 for "no longer", 1 for "from now on" and 0 for "as before"; of the shutdown only 1 is written.
    this.#changeBroker(value.brokerId, {
      ...(value.fenced !== 0 && { fenced: value.fenced > 0 }),
      ...(value.inControlledShutdown !== 0 && { inControlledShutdown: true }),
      ...(value.logDirs.length > 0 && { logDirs: value.logDirs })
    })
  }

  #changeBroker(id: number, change: Partial<BrokerImage>): void {
    const broker = this.brokers.get(id)
    if (broker !== undefined) this.brokers.set(id, { ...broker, ...change })
  }
}

/** What a PartitionChangeRecord says of a leader that stays. */
const unchangedLeader = -2
