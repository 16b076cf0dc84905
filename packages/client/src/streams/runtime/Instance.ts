/**
 * One instance of an app, put together: its identity, topics, global stores and threads of work.
 *
 * Keeps true: everything it opens belongs to the scope that it is made in.
 * Leaves to others: threads (`StreamThreads`), questions (`Queries`), starting and stopping (`StreamsApp`).
 *
 * @since 0.1.0
 */
import { Disk } from "@millrace/core/platform/Disk"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import { StoreEngine } from "@millrace/core/platform/StoreEngine"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Admin from "../../admin/Admin.ts"
import * as Cluster from "../../cluster/Cluster.ts"
import * as ConsumerEngine from "../../consumer/ConsumerEngine.ts"
import * as GlobalState from "../engine/GlobalState.ts"
import * as TaskStores from "../engine/TaskStores.ts"
import * as GlobalStoreUpdater from "./GlobalStoreUpdater.ts"
import { InstanceState } from "./InstanceState.ts"
import * as InternalTopics from "./InternalTopics.ts"
import * as ProcessId from "./ProcessId.ts"
import { Turns } from "./queries/Turns.ts"
import type { Settings } from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"
import * as StreamThread from "./StreamThread.ts"
import * as StreamThreads from "./StreamThreads.ts"

/**
 * An instance, ready to run.
 *
 * @since 0.1.0
 */
export interface Instance extends StreamThread.Shared {
  /** The threads that there are now. */
  readonly threads: () => ReadonlyArray<StreamThread.StreamThread>
  /** Runs until it is asked to stop, or something fails. */
  readonly run: Effect.Effect<void, StreamsError>
  readonly addStreamThread: StreamThreads.StreamThreads["add"]
  readonly removeStreamThread: StreamThreads.StreamThreads["remove"]
}

/**
 * Puts an instance together: holds the state directory, makes the topics, fences its predecessor.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(topology: ResolvedTopology, settings: Settings) {
  const { applicationId, stateDirectory } = settings
  const clock = yield* Clock.Clock
  const disk = yield* Disk
  let processId = yield* inDirectory(settings, ProcessId.open(stateDirectory))
  const cluster = yield* Cluster.make({ clientId: `${applicationId}-${processId}` })
  const admin = yield* Effect.provideService(Admin.make, Cluster.Cluster, cluster)
  const globalPartitions = yield* InternalTopics.prepare(admin, topology, settings)
  const state = new InstanceState()
  const shared: StreamThread.Shared = {
    topology,
    settings,
    state,
    cluster,
    admin,
    globals: GlobalState.makeUnsafe({
      topology,
      handlers: settings.handlers,
      currentTimeMillis: () => clock.currentTimeMillisUnsafe(),
      measuring: { level: settings.metricsRecordingLevel, nanoTime: () => MonotonicTime.nanosUnsafe(clock) }
    }),
    turns: new Turns(),
    processId: () => processId,
    database: hasDiskStores(topology)
      ? yield* inDirectory(settings, (yield* StoreEngine).open(storesIn(stateDirectory)))
      : undefined,
    renewProcessId: inDirectory(settings, ProcessId.renew(stateDirectory)).pipe(
      Effect.map((id) => void (processId = id)),
      Effect.provideService(Disk, disk)
    )
  }
  const threads = yield* StreamThreads.make(shared)
  const updater = shared.globals.topics.length === 0 ? undefined : GlobalStoreUpdater.make({
    applicationId,
    status: state,
    state: shared.globals,
    partitions: globalPartitions,
    consumer: yield* ConsumerEngine.make(cluster, {
      autoOffsetReset: "earliest",
      isolationLevel: StreamThread.isolationOf(settings),
      metadataMaxAge: settings.metadataMaxAgeMs,
      allowAutoCreateTopics: false
    })
  })
  const run = updater === undefined
    ? threads.run
    : Effect.andThen(updater.bootstrap, Effect.raceFirst(threads.run, updater.follow))
  const { add: addStreamThread, all, remove: removeStreamThread } = threads
  const instance: Instance = { ...shared, threads: all, run, addStreamThread, removeStreamThread }
  return instance
})

/** Whether any store of the topology is on disk. */
const hasDiskStores = ({ stores }: ResolvedTopology): boolean => stores.some(TaskStores.isOnDisk)

/**
 * Deletes the stores that an instance keeps on disk; it must not run.
 *
 * @since 0.1.0
 */
export const cleanUp = (settings: Settings): Effect.Effect<void, StreamsError<never>, Disk> => {
  const { stateDirectory } = settings
  const deleting = Effect.gen(function*() {
    yield* ProcessId.hold(stateDirectory)
    const disk = yield* Disk
    yield* disk.remove(storesIn(stateDirectory))
    yield* disk.syncDirectory(stateDirectory)
  })
  return inDirectory(settings, Effect.scoped(deleting))
}

const storesIn = (stateDirectory: string): string => `${stateDirectory}/stores`

const inDirectory = <A, R>(
  { applicationId, stateDirectory }: Settings,
  effect: Effect.Effect<A, { readonly message: string }, R>
): Effect.Effect<A, StreamsError<never>, R> =>
  Effect.mapError(effect, (cause) =>
    new StreamsError<never>({
      reason: "StateDirectory",
      applicationId,
      detail: cause.message,
      hint: `one instance at a time can use a state directory (this one: ${stateDirectory})`,
      cause
    }))
