/**
 * One instance of an app, put together: its identity, topics, producer, consumers, tasks and loop.
 *
 * Keeps true: everything it opens belongs to the scope that it is made in.
 * Leaves to others: starting and stopping (`StreamsApp`).
 *
 * @since 0.1.0
 */
import { Disk } from "@millrace/core/platform/Disk"
import { StoreEngine } from "@millrace/core/platform/StoreEngine"
import { Compression } from "@millrace/core/records/Compression"
import type { ResolvedTopology, SourceNode } from "@millrace/core/streams/ResolvedTopology"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Admin from "../../admin/Admin.ts"
import * as Cluster from "../../cluster/Cluster.ts"
import { keyOf } from "../../cluster/TopicPartition.ts"
import type { ConsumerCore } from "../../consumer/ConsumerCore.ts"
import * as ConsumerEngine from "../../consumer/ConsumerEngine.ts"
import * as limits from "../../limits.ts"
import * as ProducerEngine from "../../producer/ProducerEngine.ts"
import * as TransactionalProducer from "../../transaction/TransactionalProducer.ts"
import * as GlobalState from "../engine/GlobalState.ts"
import { RecordCache } from "../engine/stores/cache/RecordCache.ts"
import * as StoreReader from "../engine/stores/StoreReader.ts"
import type { TaskStore } from "../engine/TaskStores.ts"
import * as Delivery from "./Delivery.ts"
import * as EffectFibers from "./EffectFibers.ts"
import * as GlobalStoreUpdater from "./GlobalStoreUpdater.ts"
import { GroupPlan } from "./GroupPlan.ts"
import * as InternalTopics from "./InternalTopics.ts"
import { LocalState } from "./LocalState.ts"
import * as ProcessId from "./ProcessId.ts"
import { Restorer } from "./Restorer.ts"
import type { Settings } from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"
import * as StreamsLoop from "./StreamsLoop.ts"
import * as StreamsMember from "./StreamsMember.ts"
import { TaskManager } from "./TaskManager.ts"

/**
 * An instance, ready to run.
 *
 * @since 0.1.0
 */
export interface Instance {
  readonly status: StreamsLoop.Status
  /** Runs until the status says to stop, or something fails. */
  readonly run: Effect.Effect<void, StreamsError>
  readonly lag: () => ReadonlyMap<string, number>
  readonly keyValueStore: <K, V>(name: string) => Effect.Effect<StoreReader.KeyValueReader<K, V>, StreamsError>
  readonly windowStore: <K, V>(name: string) => Effect.Effect<StoreReader.WindowReader<K, V>, StreamsError>
  readonly droppedRecords: () => number
}

/**
 * Puts an instance together: holds the state directory, makes the topics, fences its predecessor.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(topology: ResolvedTopology, settings: Settings) {
  const { applicationId, stateDirectory } = settings
  const clock = yield* Clock.Clock
  let processId = yield* inDirectory(settings, ProcessId.open(stateDirectory))
  const cluster = yield* Cluster.make({ clientId: `${applicationId}-${processId}` })
  const admin = yield* Effect.provideService(Admin.make, Cluster.Cluster, cluster)
  const globalPartitions = yield* InternalTopics.prepare(admin, topology, settings)
  const written = [...new Set(topology.subTopologies.flatMap((each) => each.sinkTopics))]
    .concat(topology.changelogTopics.map((each) => each.topic))
  const producing = { acks: "all", linger: settings.lingerMs, compression: settings.compression } as const

  const initialise = Effect.fnUntraced(
    function*(isFenced: boolean) {
      if (isFenced) processId = yield* inDirectory(settings, ProcessId.renew(stateDirectory))
      const producer = yield* TransactionalProducer.make(cluster, {
        ...producing,
        transactionalId: `${applicationId}-${processId}-1`,
        transactionTimeout: settings.transactionTimeoutMs
      })
      yield* producer.init
      yield* producer.prepare(written)
      return producer
    },
    Effect.provideService(Compression, yield* Compression),
    Effect.provideService(Disk, yield* Disk)
  )
  const plain = Effect.gen(function*() {
    const { core } = yield* ProducerEngine.make(cluster, producing)
    yield* Effect.mapError(core.prepare(written), Delivery.producing(applicationId))
    return Delivery.atLeastOnce(applicationId, core)
  })
  const delivery = settings.isExactlyOnce ? yield* Delivery.exactlyOnce(applicationId, initialise) : yield* plain

  const shared = {
    topology,
    handlers: settings.handlers,
    currentTimeMillis: () => clock.currentTimeMillisUnsafe()
  }
  const globals = GlobalState.makeUnsafe(shared)
  const effects = yield* EffectFibers.make()
  const local = hasDiskStores(topology)
    ? new LocalState(yield* inDirectory(settings, (yield* StoreEngine).open(`${stateDirectory}/stores`)))
    : undefined
  const tasks = new TaskManager({
    ...shared,
    local,
    topicIdOf: (topic) => cluster.metadata.topics.get(topic)?.topicId ?? "",
    effects,
    output: delivery.output,
    globalStores: globals.stores,
    maxTaskIdleMs: settings.maxTaskIdleMs,
    emitIntervalMs: settings.emitIntervalMs,
    cache: RecordCache.ofSize(settings.stateStoreCacheMaxBytes)
  })
  const status: StreamsLoop.Status = { state: "CREATED", isStopping: false }
  const repartitionTopics = new Set(topology.repartitionTopics.map((each) => each.topic))
  const resets = new Map(
    topology.nodes.flatMap((node) =>
      node._tag === "Source" ? node.topics.map((topic) => [topic, resetOf(node)] as const) : []
    )
  )
  const plan = new GroupPlan()
  const loop = StreamsLoop.make({
    applicationId,
    status,
    tasks,
    delivery,
    plan,
    local,
    effects,
    effectsWaitMaxMs: settings.maxPollIntervalMs,
    offsetResetOf: (topic) => resets.get(topic) ?? settings.autoOffsetReset,
    autoOffsetReset: settings.autoOffsetReset,
    commitIntervalMs: settings.commitIntervalMs,
    pollMs: limits.streamsPollMs,
    purgeIntervalMs: settings.repartitionPurgeIntervalMs,
    purge: (manager) => InternalTopics.purge(admin, purgeable(manager, repartitionTopics))
  })
  const isolationLevel = settings.isExactlyOnce ? "read_committed" : "read_uncommitted"
  const ungrouped = ConsumerEngine.make(cluster, {
    autoOffsetReset: "earliest",
    isolationLevel,
    allowAutoCreateTopics: false
  })
  const restorer = new Restorer(yield* ungrouped, local)
  const consumer = yield* ConsumerEngine.make<StreamsError>(cluster, {
    groupId: applicationId,
    autoOffsetReset: settings.autoOffsetReset,
    isolationLevel,
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    maxPollInterval: settings.maxPollIntervalMs,
    allowAutoCreateTopics: false,
    assignors: [StreamsMember.make({ topology, settings, admin, tasks, restorer, plan, processId: () => processId })],
    listener: loop.listener
  })
  const updater = globals.topics.length === 0 ? undefined : GlobalStoreUpdater.make({
    applicationId,
    status,
    state: globals,
    partitions: globalPartitions,
    consumer: yield* ungrouped
  })
  const sources = [...new Set(topology.subTopologies.flatMap((each) => each.sourceTopics))]
  const processingRun = consumer.subscribe(sources).pipe(
    Effect.mapError((cause) =>
      new StreamsError<never>({
        reason: "Consuming",
        applicationId,
        detail: cause.message,
        hint: "check the cluster, and what this app may do there",
        cause
      })
    ),
    Effect.andThen(loop.run(consumer, restorer)),
    Effect.onError(() => delivery.abort)
  )
  const run = updater === undefined
    ? processingRun
    : Effect.andThen(updater.bootstrap, Effect.raceFirst(processingRun, updater.follow))
  const instance: Instance = { status, run, ...reading(applicationId, tasks, globals, consumer) }
  return instance
})

/** Whether any store of the topology is on disk. */
const hasDiskStores = ({ stores }: ResolvedTopology): boolean =>
  stores.some(({ _tag, type }) => _tag === "KeyValue" && type === "persistent")

/** A repartition topic is read from its beginning, whatever the app says of its sources. */
const resetOf = (node: SourceNode) => node.internal ? "earliest" : node.offsetReset

const inDirectory = <A, R>(
  { applicationId, stateDirectory }: Settings,
  effect: Effect.Effect<A, { readonly message: string }, R>
): Effect.Effect<A, StreamsError<never>, R> =>
  Effect.mapError(effect, (cause) =>
    new StreamsError<never>({
      reason: "StateDirectory",
      applicationId,
      detail: cause.message,
      hint: `give each instance a state directory of its own (this one: ${stateDirectory})`,
      cause
    }))

const purgeable = (tasks: TaskManager, repartitionTopics: ReadonlySet<string>) =>
  [...tasks.tasks.values()].flatMap(({ partitions }) =>
    partitions.flatMap((each) => {
      const offset = repartitionTopics.has(each.topic) ? tasks.committedOffset(each) : undefined
      return offset === undefined ? [] : [{ ...each, offset }]
    })
  )

/** What can be asked of an instance while it runs. */
const reading = (
  applicationId: string,
  tasks: TaskManager,
  globals: GlobalState.GlobalState,
  consumer: Pick<ConsumerCore, "lag">
): Pick<Instance, "lag" | "keyValueStore" | "windowStore" | "droppedRecords"> => {
  const storesOf = (name: string) => {
    const global = globals.stores.get(name)
    const stores: Array<TaskStore> = global === undefined ? [] : [global]
    for (const { state, task } of tasks.tasks.values()) {
      const store = state === "running" ? task.stores.get(name) : undefined
      if (store !== undefined) stores.push(store)
    }
    return stores
  }
  const read = <A>(name: string, kind: string, open: (store: TaskStore) => A | undefined) =>
    Effect.suspend(() => {
      const readers: Array<A> = []
      for (const store of storesOf(name)) {
        const reader = open(store)
        if (reader !== undefined) readers.push(reader)
      }
      return readers.length > 0 ? Effect.succeed(readers) : Effect.fail(
        new StreamsError<never>({
          reason: "Settings",
          applicationId,
          detail: `this instance runs no task with a ${kind} store ${name}`,
          hint: "ask when the instance is RUNNING, or ask another instance"
        })
      )
    })
  return {
    keyValueStore: <K, V>(name: string) =>
      Effect.map(read(name, "key-value", StoreReader.keyValue<K, V>), StoreReader.keyValueOfAll),
    windowStore: <K, V>(name: string) =>
      Effect.map(read(name, "window", StoreReader.window<K, V>), StoreReader.windowOfAll),
    droppedRecords: () =>
      [...tasks.tasks.values()].reduce((sum, { task }) => sum + task.context.dropped, globals.context.dropped),
    lag: () => {
      const lags = new Map<string, number>()
      for (const { partitions, task } of tasks.tasks.values()) {
        for (const each of partitions) {
          const queue = task.queueOf(each.topic)
          const fetched = queue === undefined ? 0 : queue.position - queue.nextOffset
          lags.set(keyOf(each.topic, each.partition), fetched + (consumer.lag(each) ?? 0))
        }
      }
      return lags
    }
  }
}
