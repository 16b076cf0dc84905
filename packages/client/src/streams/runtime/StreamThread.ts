/**
 * A thread of work of an instance: a member of the app's group with a producer, consumers, tasks and a loop of its own. It
 * shares the event loop with the others; while one waits for the network, others process.
 *
 * Keeps true: everything it opens belongs to the scope that it is made in, so a new one can take its place.
 * Leaves to others: what threads share (`Instance`), when a thread is replaced.
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { StoreDatabase } from "@millrace/core/platform/StoreEngine"
import { Compression } from "@millrace/core/records/Compression"
import type { ResolvedTopology, SourceNode } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Admin } from "../../admin/Admin.ts"
import type * as Cluster from "../../cluster/Cluster.ts"
import type { ConsumerCore } from "../../consumer/ConsumerCore.ts"
import * as ConsumerEngine from "../../consumer/ConsumerEngine.ts"
import { resetPolicy } from "../../consumer/ConsumerOptions.ts"
import * as limits from "../../limits.ts"
import * as ProducerEngine from "../../producer/ProducerEngine.ts"
import * as TransactionalProducer from "../../transaction/TransactionalProducer.ts"
import type { GlobalState } from "../engine/GlobalState.ts"
import { RecordCache } from "../engine/stores/cache/RecordCache.ts"
import * as Delivery from "./Delivery.ts"
import * as EffectFibers from "./EffectFibers.ts"
import { GroupPlan } from "./GroupPlan.ts"
import type { InstanceState, ThreadState } from "./InstanceState.ts"
import { LocalState } from "./LocalState.ts"
import { ThreadMeasures } from "./metrics/ThreadMeasures.ts"
import * as PartitionRacks from "./PartitionRacks.ts"
import type { Turns } from "./queries/Turns.ts"
import { RefusedRecords } from "./RefusedRecords.ts"
import { RepartitionPurge } from "./RepartitionPurge.ts"
import { Restorer } from "./Restorer.ts"
import type { Settings } from "./Settings.ts"
import { consuming, type StreamsError } from "./StreamsError.ts"
import * as StreamsLoop from "./StreamsLoop.ts"
import * as StreamsMember from "./StreamsMember.ts"
import { TaskManager } from "./TaskManager.ts"

/**
 * What the threads of an instance share.
 *
 * @since 0.1.0
 */
export interface Shared {
  readonly topology: ResolvedTopology
  readonly settings: Settings
  readonly state: InstanceState
  readonly cluster: Cluster.Cluster["Service"]
  readonly admin: Admin["Service"]
  readonly globals: GlobalState
  /** Where stores on disk are; undefined if the topology has none. */
  readonly database: StoreDatabase | undefined
  /** Told when a thread has had a turn. */
  readonly turns: Turns
  readonly processId: () => string
  /** Another identity for the process: somebody else works under this one. */
  readonly renewProcessId: Effect.Effect<void, StreamsError<never>>
}

/**
 * A thread, ready to run.
 *
 * @since 0.1.0
 */
export interface StreamThread {
  readonly name: string
  readonly status: ThreadState
  readonly tasks: TaskManager
  readonly restorer: Restorer
  readonly plan: GroupPlan
  /** What its tasks' stores share to hold changes back; undefined: nothing is held back. */
  readonly cache: RecordCache | undefined
  readonly measures: ThreadMeasures
  /** What brokers refuse and may be lost; undefined: nothing may. */
  readonly refused: RefusedRecords | undefined
  readonly consumer: ConsumerCore<StreamsError>
  /** Runs until the instance is to stop, or something fails. */
  readonly run: Effect.Effect<void, StreamsError>
  /** After a failure: asks all instances of the app to stop, and waits until the group knows. */
  readonly requestShutdown: Effect.Effect<void>
}

/**
 * Makes the thread of a number (from 1), whose cache may hold so much; it has asked nothing of the group yet.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(shared: Shared, index: number, cacheMaxBytes: number) {
  const { admin, cluster, database, globals, processId, settings, topology } = shared
  const { applicationId } = settings
  const clock = yield* Clock.Clock
  const { delivery, refused } = yield* deliveryOf(shared, index)
  const effects = yield* EffectFibers.make()
  const local = database === undefined ? undefined : new LocalState(database)
  const cache = settings.stateStoreCacheMaxBytes > 0 ? new RecordCache(cacheMaxBytes) : undefined
  const tasks = new TaskManager({
    topology,
    local,
    topicIdOf: (topic) => cluster.metadata.topics.get(topic)?.topicId ?? "",
    handlers: settings.handlers,
    currentTimeMillis: () => clock.currentTimeMillisUnsafe(),
    measuring: { level: settings.metricsRecordingLevel, nanoTime: () => MonotonicTime.nanosUnsafe(clock) },
    effects,
    output: delivery.output,
    globalStores: globals.stores,
    maxTaskIdleMs: settings.maxTaskIdleMs,
    emitIntervalMs: settings.emitIntervalMs,
    cache
  })
  const plan = new GroupPlan()
  const measures = new ThreadMeasures(yield* MonotonicTime.millis)
  const status = shared.state.addThread()
  yield* Effect.addFinalizer(() => Effect.sync(() => shared.state.removeThread(status)))
  const resets = resetsOf(topology)
  const autoOffsetReset = resetPolicy(settings.autoOffsetReset)
  const isolationLevel = isolationOf(settings)
  const restorer = new Restorer(
    yield* ConsumerEngine.make(cluster, {
      autoOffsetReset: "earliest",
      isolationLevel,
      allowAutoCreateTopics: false,
      metadataMaxAge: settings.metadataMaxAgeMs,
      clientRack: settings.clientRack
    }),
    local,
    { restore: settings.stateRestoreListener, standby: settings.standbyUpdateListener }
  )
  const loop = StreamsLoop.make({
    applicationId,
    status,
    tasks,
    delivery,
    plan,
    restorer,
    purge: new RepartitionPurge({
      admin,
      tasks,
      topics: new Set(topology.repartitionTopics.map((each) => each.topic)),
      intervalMs: settings.repartitionPurgeIntervalMs
    }),
    turns: shared.turns,
    measures,
    local,
    effects,
    effectsWaitMaxMs: settings.maxPollIntervalMs,
    offsetResetOf: (topic) => resets(topic) ?? autoOffsetReset,
    commitIntervalMs: settings.commitIntervalMs,
    pollMs: limits.streamsPollMs
  })
  const consumer = yield* ConsumerEngine.make<StreamsError>(cluster, {
    groupId: applicationId,
    groupInstanceId: settings.groupInstanceId === undefined ? undefined : `${settings.groupInstanceId}-${index}`,
    autoOffsetReset: settings.autoOffsetReset,
    offsetResetOf: resets,
    isolationLevel,
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    maxPollInterval: settings.maxPollIntervalMs,
    metadataMaxAge: settings.metadataMaxAgeMs,
    allowAutoCreateTopics: false,
    clientRack: settings.clientRack,
    assignors: [
      StreamsMember.make({
        topology,
        settings,
        admin,
        racksOf: PartitionRacks.of(cluster.metadata),
        tasks,
        restorer,
        plan,
        local,
        processId
      })
    ],
    listener: loop.listener
  })
  const run = consumer.subscribe(TopicPattern.subscription(topology)).pipe(
    Effect.mapError(consuming(applicationId)),
    Effect.andThen(loop.run(consumer)),
    Effect.ensuring(Effect.sync(() => void (status.hasEnded = true))),
    Effect.onError(() => delivery.abort)
  )
  const requestShutdown = Effect.gen(function*() {
    loop.abandon()
    plan.isStopRequested = true
    consumer.enforceRebalance()
    while (!plan.isAppStopping) yield* consumer.poll(limits.streamsPollMs)
  }).pipe(Effect.timeoutOption(settings.sessionTimeoutMs), Effect.ignore)
  const thread: StreamThread = {
    name: `${applicationId}-${processId()}-StreamThread-${index}`,
    status,
    tasks,
    restorer,
    plan,
    cache,
    measures,
    refused,
    consumer,
    run,
    requestShutdown
  }
  return thread
})

/**
 * What of a log the app reads: with exactly-once, what is committed.
 *
 * @since 0.1.0
 */
export const isolationOf = ({ isExactlyOnce }: Settings): "read_committed" | "read_uncommitted" =>
  isExactlyOnce ? "read_committed" : "read_uncommitted"

const deliveryOf = Effect.fnUntraced(function*(shared: Shared, index: number) {
  const { cluster, processId, renewProcessId, settings, topology } = shared
  const { applicationId } = settings
  const written = [...new Set(topology.subTopologies.flatMap((each) => each.sinkTopics))]
    .concat(topology.changelogTopics.map((each) => each.topic), settings.handlers.deadLetterQueueTopic ?? [])
  const { compression, lingerMs: linger, metadataMaxAgeMs: metadataMaxAge } = settings
  const producing = { acks: "all", linger, compression, metadataMaxAge } as const
  if (!settings.isExactlyOnce) {
    const { core, sender } = yield* ProducerEngine.make(cluster, producing)
    yield* Effect.mapError(core.prepare(written), Delivery.producing(applicationId))
    const delivery = Delivery.atLeastOnce(applicationId, core)
    const refused = new RefusedRecords(topology, settings.handlers, yield* Compression, delivery.output)
    sender.forgives = (topic, bytes, error) => refused.forgives(topic, bytes, error)
    return { delivery, refused }
  }
  const codecs = yield* Compression
  const delivery = yield* Delivery.exactlyOnce(applicationId, (isFenced) =>
    Effect.gen(function*() {
      if (isFenced) yield* renewProcessId
      const producer = yield* TransactionalProducer.make(cluster, {
        ...producing,
        transactionalId: `${applicationId}-${processId()}-${index}`,
        transactionTimeout: settings.transactionTimeoutMs
      })
      yield* producer.init
      yield* producer.prepare(written)
      return producer
    }).pipe(Effect.provideService(Compression, codecs)))
  return { delivery, refused: undefined }
})

/** Where topics begin that say so. A repartition topic is read from its beginning, whatever the app says of its sources. */
const resetsOf = (topology: ResolvedTopology) => {
  const resetOf = (node: SourceNode) => node.internal ? "earliest" : node.offsetReset
  const sources = topology.nodes.filter((node) => node._tag === "Source")
  const byName = new Map(sources.flatMap((node) => node.topics.map((topic) => [topic, resetOf(node)] as const)))
  return (topic: string) => {
    if (byName.has(topic)) return byName.get(topic)
    return sources.find(({ pattern }) => pattern !== undefined && TopicPattern.matches(pattern, topic))?.offsetReset
  }
}
