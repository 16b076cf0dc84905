/**
 * The topics that an app has for itself: repartition topics and changelogs, made as Kafka Streams makes them, or checked.
 *
 * Keeps true: an app starts only if its source topics exist, its joined topics have equal partition counts, and its internal
 * topics have the counts that its tasks need; what is missing is made, what is wrong is refused and never changed.
 * Leaves to others: the counts themselves (`PartitionCounts` in core).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as PartitionCounts from "@millrace/core/streams/PartitionCounts"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Effect from "effect/Effect"
import * as Apis from "../../cluster/Apis.ts"
import { canRetry, type Cluster, type RequestError } from "../../cluster/Cluster.ts"
import * as Retry from "../../cluster/Retry.ts"
import { groupByTopic, type TopicPartition } from "../../cluster/TopicPartition.ts"
import { apiTimeoutMs, requestTimeoutMs } from "../../limits.ts"
import type { Settings } from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"

interface InternalTopic {
  readonly topic: string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
}

const retrying = Retry.retry<RequestError>({ while: canRetry, timeoutMs: apiTimeoutMs })

/** The partition counts of those topics that exist. */
const countsOf = (cluster: Cluster["Service"], topics: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    yield* cluster.refresh(topics)
    const counts = new Map<string, number>()
    for (const topic of topics) {
      const code = cluster.metadata.topicErrors.get(topic)
      if (code !== undefined && code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
        return yield* KafkaError.fromCode(code, topic)
      }
      const found = cluster.metadata.topics.get(topic)
      if (found !== undefined) {
        counts.set(topic, found.partitions.length)
      }
    }
    return counts
  }).pipe(retrying)

const create = (cluster: Cluster["Service"], topics: ReadonlyArray<InternalTopic>, replicationFactor: number) =>
  Effect.gen(function*() {
    const nodeId = yield* cluster.anyNode
    const response = yield* cluster.call(nodeId, Apis.createTopics, {
      topics: topics.map(({ config, partitions, topic }) => ({
        name: topic,
        numPartitions: partitions,
        replicationFactor,
        assignments: [],
        configs: Object.entries(config).map(([name, value]) => ({ name, value }))
      })),
      timeoutMs: requestTimeoutMs
    }, { versionMin: 4 })
    for (const { errorCode, errorMessage, name } of response.topics) {
      // another instance of the app may have been quicker
      if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue
      return yield* KafkaError.fromCode(errorCode, `${name}: ${errorMessage ?? "not created"}`)
    }
  }).pipe(retrying)

/** Waits until all brokers that are asked know the topics. */
const awaitCounts = Effect.fnUntraced(function*(cluster: Cluster["Service"], topics: ReadonlyArray<string>) {
  return yield* Effect.flatMap(countsOf(cluster, topics), (counts) => {
    const missing = topics.find((topic) => !counts.has(topic))
    return missing === undefined
      ? Effect.succeed(counts)
      : Effect.fail(KafkaError.fromCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, missing))
  }).pipe(retrying)
})

/**
 * Makes sure that all topics are as the topology needs them.
 *
 * @since 0.1.0
 */
export const prepare = Effect.fnUntraced(function*(
  cluster: Cluster["Service"],
  topology: ResolvedTopology,
  settings: Pick<Settings, "applicationId" | "replicationFactor">
) {
  const { applicationId, replicationFactor } = settings
  const fail = (reason: StreamsError["reason"], detail: string, hint: string, cause?: unknown) =>
    new StreamsError<never>({ reason, applicationId, detail, hint, cause })
  const refused = (cause: RequestError) =>
    fail("InternalTopics", cause.message, "check the cluster, and what this app may do there", cause)

  const internal = new Set(topology.repartitionTopics.map((each) => each.topic))
  const sources = [...new Set(topology.subTopologies.flatMap((each) => each.sourceTopics))]
    .filter((topic) => !internal.has(topic))
  const sourceCounts = yield* Effect.mapError(countsOf(cluster, sources), refused)
  const missing = sources.filter((topic) => !sourceCounts.has(topic))
  if (missing.length > 0) {
    return yield* fail(
      "MissingSourceTopics",
      `there is no topic ${missing.join(", ")}`,
      "create it before the app starts"
    )
  }
  const counts = yield* Effect.mapError(
    Effect.fromResult(PartitionCounts.resolve(topology, (topic) => sourceCounts.get(topic))),
    (cause) => fail("Topology", cause.message, "give the topics the partition counts that the topology needs", cause)
  )
  const wanted: ReadonlyArray<InternalTopic> = [...topology.repartitionTopics, ...topology.changelogTopics].map((
    { config, topic }
  ) => ({ topic, config, partitions: counts.internalTopics.get(topic)! }))
  if (wanted.length === 0) return
  const names = wanted.map((each) => each.topic)
  const existing = yield* Effect.mapError(countsOf(cluster, names), refused)
  const created = wanted.filter((each) => !existing.has(each.topic))
  if (created.length > 0) yield* Effect.mapError(create(cluster, created, replicationFactor), refused)
  const found = yield* Effect.mapError(awaitCounts(cluster, names), refused)
  for (const { partitions, topic } of wanted) {
    if (found.get(topic) === partitions) continue
    return yield* fail(
      "InternalTopics",
      `${topic} has ${found.get(topic)} partitions, and the topology needs ${partitions}`,
      "reset the app: delete its internal topics and committed offsets"
    )
  }
})

/**
 * Deletes the records of repartition topics below these offsets: they are done. A failure is only worth a warning, because
 * the next time deletes them too.
 *
 * @since 0.1.0
 */
export const purge = Effect.fnUntraced(function*(
  cluster: Cluster["Service"],
  offsets: ReadonlyArray<TopicPartition & { readonly offset: number }>
) {
  const byLeader = new Map<number, Array<TopicPartition & { readonly offset: number }>>()
  for (const each of offsets) {
    const leader = cluster.metadata.partition(each.topic, each.partition)?.leaderId ?? -1
    if (leader < 0) continue
    const list = byLeader.get(leader)
    if (list === undefined) byLeader.set(leader, [each])
    else list.push(each)
  }
  for (const [leader, list] of byLeader) {
    const offsetOf = new Map(list.map((each) => [`${each.topic}-${each.partition}`, each.offset]))
    const topics = [...groupByTopic(list)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({
        partitionIndex,
        offset: offsetOf.get(`${name}-${partitionIndex}`)!
      }))
    }))
    yield* cluster.call(leader, Apis.deleteRecords, { topics, timeoutMs: requestTimeoutMs }).pipe(
      Effect.catch((cause) => Effect.logWarning(`repartition records are kept for now: ${cause.message}`))
    )
  }
})
