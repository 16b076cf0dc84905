/**
 * Administering a cluster: topics, configurations, groups, offsets, transactions.
 *
 * Keeps true: each request goes to who can answer it and is repeated while that may help; items that were refused are
 * named in an `AdminError`.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import * as Message from "@millrace/core/protocol/Message"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Apis from "../cluster/Apis.ts"
import * as Cluster from "../cluster/Cluster.ts"
import * as OffsetRequests from "../cluster/OffsetRequests.ts"
import { groupByTopic, keyOf } from "../cluster/TopicPartition.ts"
import * as ConsumerProtocol from "../cluster/ConsumerProtocol.ts"
import { apiTimeoutMs, requestTimeoutMs } from "../limits.ts"
import {
  type AdminShape,
  changeOperations,
  type Config,
  type ConfigResource,
  configSources,
  type Failure,
  type GroupDescription,
  type GroupListing,
  type ProducerState,
  resourceTypes,
  type TransactionDescription,
  type TransactionListing
} from "./AdminModel.ts"
import * as Requests from "./AdminRequests.ts"

export * from "./AdminError.ts"
export type * from "./AdminModel.ts"

/**
 * The administration of a cluster.
 *
 * @since 0.1.0
 */
export class Admin extends Context.Service<Admin, AdminShape>()("@millrace/client/admin/Admin") {}

/**
 * An administration of the cluster that `Kafka` names.
 *
 * @since 0.1.0
 */
export const make: Effect.Effect<Admin["Service"], never, Kafka | Network | Scope.Scope> = Effect.map(
  Cluster.current,
  (cluster) =>
    Admin.of({
      ...topicAdmin(cluster),
      ...configAdmin(cluster),
      ...groupAdmin(cluster),
      ...recordAdmin(cluster),
      ...transactionAdmin(cluster)
    })
)

/**
 * An administration of the cluster that `Kafka` names.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Admin, never, Kafka | Network> = Layer.effect(Admin, make)

type Service = Cluster.Cluster["Service"]

const topicAdmin = (cluster: Service) => ({
  createTopics: (topics, options) =>
    Requests.eachAtController(cluster, "create topics", topics, (nodeId, asked) =>
      Effect.map(
        cluster.call(nodeId, Apis.createTopics, {
          topics: asked.map((topic) => ({
            name: topic.name,
            numPartitions: topic.assignments === undefined ? topic.partitions ?? -1 : -1,
            replicationFactor: topic.assignments === undefined ? topic.replicationFactor ?? -1 : -1,
            assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
            configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
          })),
          timeoutMs: requestTimeoutMs,
          validateOnly: options?.validateOnly ?? false
        }),
        (response) => response.topics
      )).pipe(
        Effect.map((created) =>
          created.map(({ name, numPartitions: partitions, replicationFactor, topicId }) => ({
            name,
            topicId,
            partitions,
            replicationFactor
          }))
        )
      ),
  deleteTopics: (names) =>
    Effect.asVoid(
      Requests.eachAtController(cluster, "delete topics", names.map((name) => ({ name })), (nodeId, asked) =>
        Effect.map(
          cluster.call(nodeId, Apis.deleteTopics, (version) => ({
            ...(version >= 6
              ? { topics: asked.map(({ name }) => ({ name, topicId: Uuid.zero })) }
              : { topicNames: asked.map(({ name }) => name) }),
            timeoutMs: requestTimeoutMs
          })),
          (response) => response.responses.map((one) => ({ ...one, name: one.name ?? "" }))
        ))
    ),
  createPartitions: (topics, options) =>
    Effect.asVoid(
      Requests.eachAtController(cluster, "create partitions", topics, (nodeId, asked) =>
        Effect.map(
          cluster.call(nodeId, Apis.createPartitions, {
            topics: asked.map(({ count, name }) => ({ name, count, assignments: null })),
            timeoutMs: requestTimeoutMs,
            validateOnly: options?.validateOnly ?? false
          }),
          (response) => response.results
        ))
    ),
  listTopics: Requests.retried(Effect.map(cluster.refresh("all"), () => [...cluster.metadata.topics.values()])),
  describeTopics: (names) =>
    Requests.retried(Effect.flatMap(cluster.refresh(names), () => {
      const { topicErrors, topics } = cluster.metadata
      const missing = names.filter((name) => !topics.has(name)).map((name) => ({
        name,
        errorCode: topicErrors.get(name) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      }))
      return Effect.as(
        Requests.accepted("describe topics", missing),
        names.flatMap((name) => topics.get(name) ?? [])
      )
    })),
  describeCluster: Requests.retried(Effect.map(cluster.refresh([]), () => {
    const { clusterId, controllerId, nodes } = cluster.metadata
    return { clusterId, controllerId, nodes: [...nodes.values()] }
  }))
} satisfies Partial<AdminShape>)

/** Settings of brokers are asked of the broker itself, all others of any. */
const askAbout = <A>(
  cluster: Service,
  resources: ReadonlyArray<ConfigResource>,
  ask: (nodeId: number, resources: ReadonlyArray<ConfigResource>) => Effect.Effect<ReadonlyArray<A>, Failure>
): Effect.Effect<ReadonlyArray<A>, Failure> => {
  const ofBroker = (one: ConfigResource) => (one.type === "broker" || one.type === "brokerLogger") && one.name !== ""
  const own = resources.filter(ofBroker)
  const others = resources.filter((one) => !ofBroker(one))
  const asks = [
    ...(others.length === 0 ? [] : [Effect.flatMap(cluster.anyNode, (nodeId) => ask(nodeId, others))]),
    ...own.map((one) => Effect.andThen(cluster.refresh([]), Effect.suspend(() => ask(Number(one.name), [one]))))
  ]
  return Requests.retried(Effect.map(Effect.all(asks), (answers) => answers.flat()))
}

const typeOf = (id: number): ConfigResource["type"] => {
  for (const [name, value] of Object.entries(resourceTypes)) if (value === id) return name as ConfigResource["type"]
  return "topic"
}

const configAdmin = (cluster: Service) => ({
  describeConfigs: (resources) =>
    askAbout(cluster, resources, (nodeId, asked) =>
      Effect.flatMap(
        cluster.call(nodeId, Apis.describeConfigs, {
          resources: asked.map(({ name, type }) => ({
            resourceType: resourceTypes[type],
            resourceName: name,
            configurationKeys: null
          }))
        }),
        ({ results }) =>
          Effect.as(
            Requests.accepted("describe configs", results.map((one) => ({ ...one, name: one.resourceName }))),
            results.map(({ configs, resourceName, resourceType }): Config => ({
              type: typeOf(resourceType),
              name: resourceName,
              entries: configs.map(({ configSource, isSensitive, name, readOnly, value }) => ({
                name,
                value,
                source: configSources[configSource] ?? "unknown",
                isReadOnly: readOnly,
                isSensitive
              }))
            }))
          )
      )),
  incrementalAlterConfigs: (resources, options) => {
    const changes = new Map(resources.map((one) => [`${one.type}:${one.name}`, one.changes]))
    return Effect.asVoid(askAbout(cluster, resources, (nodeId, asked) =>
      Effect.flatMap(
        cluster.call(nodeId, Apis.incrementalAlterConfigs, {
          resources: asked.map(({ name, type }) => ({
            resourceType: resourceTypes[type],
            resourceName: name,
            configs: (changes.get(`${type}:${name}`) ?? []).map((change) => ({
              name: change.name,
              configOperation: changeOperations[change.operation],
              value: change.value ?? null
            }))
          })),
          validateOnly: options?.validateOnly ?? false
        }),
        ({ responses }) =>
          Effect.as(
            Requests.accepted("alter configs", responses.map((one) => ({ ...one, name: one.resourceName }))),
            []
          )
      )))
  }
} satisfies Partial<AdminShape>)

/** What a member of a group of consumers said or was told; undefined for other groups, and if it cannot be read. */
const readOf = <A>(protocolType: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => A): A | undefined => {
  if (protocolType !== ConsumerProtocol.protocolType || bytes.length === 0) return undefined
  const read = Message.attempt(() => decode(bytes))
  return read._tag === "Success" ? read.success : undefined
}

const describeGroup = (cluster: Service, groupId: string): Effect.Effect<GroupDescription, Failure> =>
  Requests.atCoordinator(
    cluster,
    "group",
    groupId,
    (nodeId) =>
      Effect.flatMap(cluster.call(nodeId, Apis.describeGroups, { groups: [groupId] }), ({ groups }) =>
        Effect.as(
          Requests.accepted("describe groups", groups.map((group) => ({ ...group, name: group.groupId }))),
          groups.map((group): GroupDescription => ({
            groupId: group.groupId,
            state: group.groupState,
            protocolType: group.protocolType,
            protocol: group.protocolData,
            members: group.members.map((member) => ({
              memberId: member.memberId,
              groupInstanceId: member.groupInstanceId,
              clientId: member.clientId,
              clientHost: member.clientHost,
              subscription:
                readOf(group.protocolType, member.memberMetadata, ConsumerProtocol.decodeSubscription)?.topics ?? [],
              assignment:
                readOf(group.protocolType, member.memberAssignment, ConsumerProtocol.decodeAssignment)?.partitions ?? []
            }))
          }))[0]!
        ))
  )

const groupAdmin = (cluster: Service) => ({
  listGroups: Requests.atAll(cluster, (nodeId) =>
    Effect.map(
      Effect.flatMap(cluster.call(nodeId, Apis.listGroups, {}), Requests.checked),
      ({ groups }) =>
        groups.map((group): GroupListing => ({
          groupId: group.groupId,
          protocolType: group.protocolType,
          state: group.groupState,
          type: group.groupType
        }))
    )),
  describeGroups: (groupIds) =>
    Requests.forEachName("describe groups", groupIds, (groupId) => describeGroup(cluster, groupId)),
  deleteGroups: (groupIds) =>
    Effect.asVoid(
      Requests.forEachName("delete groups", groupIds, (groupId) =>
        Requests.atCoordinator(cluster, "group", groupId, (nodeId) =>
          Effect.flatMap(cluster.call(nodeId, Apis.deleteGroups, { groupsNames: [groupId] }), ({ results }) =>
            Requests.accepted("delete groups", results.map((one) => ({ ...one, name: one.groupId }))))))
    ),
  listConsumerGroupOffsets: (groupId, partitions) =>
    OffsetRequests.fetchCommitted(cluster, cluster, groupId, partitions ?? null, {
      requireStable: false,
      timeoutMs: apiTimeoutMs
    }),
  alterConsumerGroupOffsets: (groupId, offsets) =>
    OffsetRequests.commit(
      cluster,
      cluster,
      { groupId, generationId: -1, memberId: "", groupInstanceId: null },
      offsets,
      apiTimeoutMs
    ),
  deleteConsumerGroupOffsets: (groupId, partitions) =>
    Requests.atCoordinator(cluster, "group", groupId, (nodeId) =>
      cluster.call(nodeId, Apis.offsetDelete, {
        groupId,
        topics: [...groupByTopic(partitions)].map(([name, numbers]) => ({
          name,
          partitions: numbers.map((partitionIndex) => ({ partitionIndex }))
        }))
      }).pipe(
        Effect.flatMap(Requests.checked),
        Effect.flatMap(({ topics }) =>
          Requests.accepted(
            "delete offsets",
            topics.flatMap((topic) =>
              topic.partitions.map((one) => ({ ...one, name: keyOf(topic.name, one.partitionIndex) }))
            )
          )
        )
      ))
} satisfies Partial<AdminShape>)

const recordAdmin = (cluster: Service) => ({
  listOffsets: (queries, options) =>
    Effect.andThen(
      Effect.suspend(() => cluster.refresh([...new Set(queries.map((query) => query.topic))])),
      OffsetRequests.listOffsets(cluster, cluster, queries, {
        readCommitted: options?.isolationLevel === "read_committed",
        timeoutMs: apiTimeoutMs
      })
    ),
  deleteRecords: (partitions) =>
    Requests.atLeaders(cluster, partitions, (nodeId, asked) =>
      Effect.flatMap(
        cluster.call(nodeId, Apis.deleteRecords, {
          topics: [...new Set(asked.map((one) => one.topic))].map((name) => ({
            name,
            partitions: asked.filter((one) => one.topic === name).map(({ offset, partition }) => ({
              partitionIndex: partition,
              offset
            }))
          })),
          timeoutMs: requestTimeoutMs
        }),
        ({ topics }) => {
          const answers = topics.flatMap((topic) => topic.partitions.map((one) => ({ ...one, topic: topic.name })))
          return Effect.as(
            Requests.accepted(
              "delete records",
              answers.map(({ errorCode, partitionIndex, topic }) => ({ errorCode, name: keyOf(topic, partitionIndex) }))
            ),
            answers.map(({ lowWatermark, partitionIndex, topic }) => ({
              topic,
              partition: partitionIndex,
              lowWatermark
            }))
          )
        }
      )),
  describeProducers: (partitions) =>
    Requests.atLeaders(cluster, partitions, (nodeId, asked) =>
      Effect.flatMap(
        cluster.call(nodeId, Apis.describeProducers, {
          topics: [...groupByTopic(asked)].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
        }),
        ({ topics }) => {
          const answers = topics.flatMap((topic) => topic.partitions.map((one) => ({ ...one, topic: topic.name })))
          return Effect.as(
            Requests.accepted(
              "describe producers",
              answers.map(({ errorCode, errorMessage, partitionIndex, topic }) => ({
                errorCode,
                errorMessage,
                name: keyOf(topic, partitionIndex)
              }))
            ),
            answers.flatMap(({ activeProducers, partitionIndex, topic }) =>
              activeProducers.map(({ currentTxnStartOffset, ...producer }): ProducerState => ({
                topic,
                partition: partitionIndex,
                ...producer,
                currentTransactionStartOffset: currentTxnStartOffset
              }))
            )
          )
        }
      ))
} satisfies Partial<AdminShape>)

const transactionAdmin = (cluster: Service) => ({
  listTransactions: (options) =>
    Requests.atAll(cluster, (nodeId) =>
      cluster.call(nodeId, Apis.listTransactions, {
        stateFilters: options?.states ?? [],
        producerIdFilters: options?.producerIds ?? []
      }).pipe(
        Effect.flatMap(Requests.checked),
        Effect.map(({ transactionStates }) =>
          transactionStates.map(({ producerId, transactionState, transactionalId }): TransactionListing => ({
            transactionalId,
            producerId,
            state: transactionState
          }))
        )
      )),
  describeTransactions: (transactionalIds) =>
    Requests.forEachName(
      "describe transactions",
      transactionalIds,
      (transactionalId) =>
        Requests.atCoordinator(cluster, "transaction", transactionalId, (nodeId) =>
          Effect.flatMap(
            cluster.call(nodeId, Apis.describeTransactions, { transactionalIds: [transactionalId] }),
            ({ transactionStates }): Effect.Effect<TransactionDescription, Failure> => {
              const state = transactionStates[0]
              if (state === undefined) return Effect.fail(KafkaError.fromCode(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND))
              const description: TransactionDescription = {
                transactionalId,
                producerId: state.producerId,
                producerEpoch: state.producerEpoch,
                state: state.transactionState,
                timeoutMs: state.transactionTimeoutMs,
                startTimeMs: state.transactionStartTimeMs,
                partitions: state.topics.flatMap(({ partitions, topic }) =>
                  partitions.map((partition) => ({ topic, partition }))
                )
              }
              return Effect.as(
                Requests.accepted("describe transactions", [{ name: transactionalId, errorCode: state.errorCode }]),
                description
              )
            }
          ))
    )
} satisfies Partial<AdminShape>)
