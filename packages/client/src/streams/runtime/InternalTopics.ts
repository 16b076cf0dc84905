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
import * as PartitionCounts from "@millrace/core/streams/PartitionCounts"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import * as Effect from "effect/Effect"
import type { Admin, Failure } from "../../admin/Admin.ts"
import type { TopicPartition } from "../../cluster/TopicPartition.ts"
import type { Settings } from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"

interface InternalTopic {
  readonly topic: string
  readonly partitions: number
  readonly config: Readonly<Record<string, string>>
}

const globalTopics = (topology: ResolvedTopology) => topology.globalStores.map((each) => each.topic)

/** The partition counts of all topics that there are. */
const currentCounts = (admin: Admin["Service"]) =>
  Effect.map(admin.listTopics, (topics) => new Map(topics.map(({ name, partitions }) => [name, partitions.length])))

/** Makes the topics; that another instance of the app was quicker is fine. */
const create = (admin: Admin["Service"], topics: ReadonlyArray<InternalTopic>, replicationFactor: number) =>
  admin.createTopics(
    topics.map(({ config, partitions, topic }) => ({ name: topic, partitions, replicationFactor, configs: config }))
  ).pipe(
    Effect.asVoid,
    Effect.catchTag(
      "AdminError",
      (error) =>
        error.refusals.every((refusal) => refusal.error.code === ErrorCode.TOPIC_ALREADY_EXISTS)
          ? Effect.void
          : Effect.fail(error)
    )
  )

/**
 * Makes sure that all topics are as the topology needs them; gives all partitions that fill global stores.
 *
 * @since 0.1.0
 */
export const prepare: (
  admin: Admin["Service"],
  topology: ResolvedTopology,
  settings: Pick<Settings, "applicationId" | "replicationFactor">
) => Effect.Effect<ReadonlyArray<TopicPartition>, StreamsError<never>> = Effect.fnUntraced(
  function*(admin, unresolved, settings) {
    const { applicationId, replicationFactor } = settings
    const fail = (reason: StreamsError["reason"], detail: string, hint: string, cause?: unknown) =>
      new StreamsError<never>({ reason, applicationId, detail, hint, cause })
    const refused = (cause: Failure) =>
      fail("InternalTopics", cause.message, "check the cluster, and what this app may do there", cause)

    const existing = yield* Effect.mapError(currentCounts(admin), refused)
    const topology = TopicPattern.resolve(unresolved, existing.keys())
    const internal = new Set(topology.repartitionTopics.map((each) => each.topic))
    const read = [...topology.subTopologies.flatMap((each) => each.sourceTopics), ...globalTopics(topology)]
    const sources = [...new Set(read)].filter((topic) => !internal.has(topic))
    const missing = sources.filter((topic) => !existing.has(topic))
    if (missing.length > 0) {
      return yield* new StreamsError<never>({
        reason: "MissingSourceTopics",
        applicationId,
        detail: `there is no topic ${missing.join(", ")}`,
        hint: "create it before the app starts",
        topics: missing
      })
    }
    const counts = yield* Effect.mapError(
      Effect.fromResult(PartitionCounts.resolve(topology, (topic) => existing.get(topic))),
      (cause) => fail("Topology", cause.message, "give the topics the partition counts that the topology needs", cause)
    )
    const wanted: ReadonlyArray<InternalTopic> = [...topology.repartitionTopics, ...topology.changelogTopics].map((
      { config, topic }
    ) => ({ topic, config, partitions: counts.internalTopics.get(topic)! }))
    const empty = wanted.find(({ partitions }) => partitions === 0)
    if (empty !== undefined) {
      return yield* fail(
        "MissingSourceTopics",
        `no topic matches the pattern of the source above ${empty.topic}`,
        "create one before the app starts, so that its internal topics get as many partitions"
      )
    }
    const global = globalTopics(topology).flatMap((topic) =>
      Array.from({ length: existing.get(topic) ?? 0 }, (_, partition) => ({ topic, partition }))
    )
    if (wanted.length === 0) return global
    const created = wanted.filter((each) => !existing.has(each.topic))
    if (created.length > 0) yield* Effect.mapError(create(admin, created, replicationFactor), refused)
    // a topic that is new is not known at once to every broker; what writes and reads it waits for it
    const found = created.length === 0 ? existing : yield* Effect.mapError(currentCounts(admin), refused)
    for (const { partitions, topic } of wanted) {
      if ((found.get(topic) ?? partitions) === partitions) continue
      return yield* fail(
        "InternalTopics",
        `${topic} has ${found.get(topic)} partitions, and the topology needs ${partitions}`,
        "reset the app: delete its internal topics and committed offsets"
      )
    }
    return global
  }
)
