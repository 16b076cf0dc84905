/**
 * The controller of a cluster of one: a quorum of this node alone.
 *
 * Keeps true: requests are decided one after the other, each on what all before it have committed; a request whose records
 * could not be stored fails and changes nothing; each start leads with a new epoch.
 * Leaves to others: elections and replication of the log (a quorum of several nodes takes over the same log).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import { metadataBatchMaxBytes, producerIdBlockLength } from "../../limits.ts"
import { ReplicaManager } from "../../replication/ReplicaManager.ts"
import * as LogConfig from "../../storage/LogConfig.ts"
import { Controller, ControllerError } from "./Controller.ts"
import * as ControllerConfigs from "./ControllerConfigs.ts"
import * as ControllerTopics from "./ControllerTopics.ts"
import type { Decision, DecisionContext } from "./Decision.ts"
import { supportedFeatures } from "./Features.ts"
import * as MetadataDelta from "./MetadataDelta.ts"
import { ConfigResource, type Endpoint, MetadataImage } from "./MetadataImage.ts"
import * as MetadataLog from "./MetadataLog.ts"
import type { MetadataRecord } from "./MetadataRecord.ts"
import { Node } from "./Node.ts"
import * as QuorumState from "./QuorumState.ts"

type Listener = (delta: MetadataDelta.MetadataDelta) => Effect.Effect<void>

/**
 * What a new cluster begins with: its features at their newest levels, that of the log's format first, and the setting that
 * they ask for.
 */
const bootstrapRecords = (): ReadonlyArray<MetadataRecord> => [
  ...supportedFeatures.filter(({ name }) => name !== "kraft.version").map(({ maxVersion, name }): MetadataRecord => ({
    type: "FeatureLevelRecord",
    value: { name, featureLevel: maxVersion }
  })),
  {
    type: "ConfigRecord",
    value: { resourceType: ConfigResource.broker, resourceName: "", name: "min.insync.replicas", value: "1" }
  }
]

/**
 * This broker leads what nobody leads. After a crash it also begins a new epoch where it led before: records may be gone
 * that readers have seen, if the durability policy allows it, and the epoch tells them.
 */
const leadAgain = (image: MetadataImage, id: number, crashed: boolean): ReadonlyArray<MetadataRecord> =>
  [...image.topics.values()].flatMap((topic) =>
    topic.partitions.flatMap((partition, partitionId): ReadonlyArray<MetadataRecord> => {
      const leads = partition.leader < 0 ? partition.replicas.includes(id) : crashed && partition.leader === id
      return leads
        ? [{
          type: "PartitionChangeRecord",
          value: {
            partitionId,
            topicId: topic.id,
            isr: partition.isr.length === 0 ? [id] : null,
            leader: id,
            replicas: null,
            removingReplicas: null,
            addingReplicas: null,
            leaderRecoveryState: -1,
            directories: null,
            eligibleLeaderReplicas: null,
            lastKnownElr: null
          }
        }]
        : []
    })
  )

/** The settings of the metadata log: nothing is dropped, as nothing else holds it. */
const logConfig: LogConfig.LogConfig = {
  ...LogConfig.defaults,
  delete: false,
  retentionMs: -1,
  maxMessageBytes: metadataBatchMaxBytes
}

/**
 * The controller. Its log is in the first log directory.
 *
 * @since 0.1.0
 */
export const layer = Layer.effect(
  Controller,
  Effect.gen(function*() {
    const node = yield* Node
    const replicas = yield* ReplicaManager
    const random = yield* Random.Random
    const first = node.logDirs[0]!
    const directory = `${first.path}/${MetadataLog.topicName}-0`
    const leaderEpoch = (yield* QuorumState.readEpoch(directory)) + 1
    const partition = yield* replicas.create({
      topic: MetadataLog.topicName,
      partition: 0,
      topicId: Uuid.metadataTopic,
      config: logConfig,
      leaderEpoch
    })
    const image = new MetadataImage()
    const found = new Set(replicas.strays().map(({ topicId }) => topicId))
    const deletedTopics = new Set<string>()
    let nextOffset = yield* MetadataLog.replay(partition, directory, (record, offset) => {
      if (record.type === "RemoveTopicRecord" && found.has(record.value.topicId)) {
        deletedTopics.add(record.value.topicId)
      }
      image.replay(record, offset)
    })
    yield* QuorumState.writeLeader(directory, node.id, first.id, leaderEpoch)
    nextOffset = yield* MetadataLog.appendLeaderChange(partition, node.id)

    const one = Semaphore.makeUnsafe(1)
    const listeners: Array<Listener> = []
    const pick = (bound: number) => Math.floor(random.nextDoubleUnsafe() * bound)
    const word = () => pick(0x100000000) | 0
    const context: DecisionContext = {
      config: node.config,
      uuid: () => Uuid.fromInts(word(), word(), word(), word()),
      random: pick
    }

    const commit = Effect.fnUntraced(function*(records: ReadonlyArray<MetadataRecord>) {
      if (records.length === 0) return
      const baseOffset = yield* MetadataLog.append(partition, records).pipe(
        Effect.mapError(({ code, message }) => new ControllerError({ code, message }))
      )
      const delta = MetadataDelta.replay(image, records, baseOffset)
      nextOffset = baseOffset + records.length
      if (delta.brokersConfigured) applyBrokerConfig()
      for (const listener of listeners) yield* listener(delta)
    })

    const applyBrokerConfig = () =>
      node.config.setDynamic(
        image.config(ConfigResource.broker, String(node.id)),
        image.config(ConfigResource.broker, "")
      )

    /** Decides and commits; once begun it is not interrupted, so that the image and the log agree. */
    const decide = <Response>(decision: () => Decision<Response>): Effect.Effect<Response, ControllerError> =>
      one.withPermits(1)(Effect.uninterruptible(Effect.suspend(() => {
        const { records, response } = decision()
        return Effect.as(commit(records), response)
      })))

    const register = (endpoints: ReadonlyArray<Endpoint>) =>
      decide(() => {
        const records: Array<MetadataRecord> = image.features.size === 0 ? [...bootstrapRecords()] : []
        records.push({
          type: "RegisterBrokerRecord",
          value: {
            brokerId: node.id,
            isMigratingZkBroker: false,
            incarnationId: context.uuid(),
            // The epoch of a broker is the offset of its registration.
            brokerEpoch: nextOffset + records.length,
            endPoints: endpoints.map((endpoint) => ({ ...endpoint })),
            features: supportedFeatures.map(({ maxVersion, minVersion, name }) => ({
              name,
              minSupportedVersion: minVersion,
              maxSupportedVersion: maxVersion
            })),
            rack: node.config.text("broker.rack"),
            fenced: false,
            inControlledShutdown: false,
            logDirs: node.logDirs.map(({ id }) => id),
            cordonedLogDirs: []
          }
        })
        records.push(...leadAgain(image, node.id, node.logDirs.some(({ clean }) => !clean)))
        return { records, response: undefined }
      })

    applyBrokerConfig()
    return Controller.of({
      image,
      deletedTopics,
      committedOffset: () => nextOffset - 1,
      createTopics: (request) =>
        request.timeoutMs <= 0
          ? Effect.succeed(ControllerTopics.timedOut(request))
          : decide(() => ControllerTopics.createTopics(image, request, context)),
      deleteTopics: (request, version) => decide(() => ControllerTopics.deleteTopics(image, request, version, context)),
      createPartitions: (request) => decide(() => ControllerTopics.createPartitions(image, request, context)),
      incrementalAlterConfigs: (request) =>
        decide(() => ControllerConfigs.incrementalAlterConfigs(image, request, context)),
      alterConfigs: (request) => decide(() => ControllerConfigs.alterConfigs(image, request, context)),
      allocateProducerIds: decide(() => {
        const first = image.nextProducerId
        const nextProducerId = first + producerIdBlockLength
        if (!Number.isSafeInteger(nextProducerId)) {
          return { records: [], response: { first, length: 0 } }
        }
        return {
          records: [{
            type: "ProducerIdsRecord",
            value: { brokerId: node.id, brokerEpoch: image.brokers.get(node.id)?.epoch ?? -1, nextProducerId }
          }],
          response: { first, length: producerIdBlockLength }
        }
      }).pipe(
        Effect.filterOrFail(
          ({ length }) => length > 0,
          () => new ControllerError({ code: ErrorCode.UNKNOWN_SERVER_ERROR, message: "no producer ids are left" })
        )
      ),
      register,
      subscribe: (listener) => Effect.sync(() => void listeners.push(listener))
    })
  })
)
