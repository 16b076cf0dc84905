/**
 * One instance of an app, put together: its identity, topics, global stores and threads of work.
 *
 * Keeps true: everything it opens belongs to the scope that it is made in; a thread that fails is dealt with as the app's
 * policy says, and never silently; when one stops the instance, the others commit first.
 * Leaves to others: what a thread does (`StreamThread`), questions (`Queries`), starting and stopping (`StreamsApp`).
 *
 * @since 0.1.0
 */
import { Disk } from "@millrace/core/platform/Disk"
import { StoreEngine } from "@millrace/core/platform/StoreEngine"
import { Compression } from "@millrace/core/records/Compression"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Admin from "../../admin/Admin.ts"
import * as Cluster from "../../cluster/Cluster.ts"
import * as ConsumerEngine from "../../consumer/ConsumerEngine.ts"
import * as limits from "../../limits.ts"
import * as GlobalState from "../engine/GlobalState.ts"
import * as GlobalStoreUpdater from "./GlobalStoreUpdater.ts"
import { InstanceState } from "./InstanceState.ts"
import * as InternalTopics from "./InternalTopics.ts"
import * as ProcessId from "./ProcessId.ts"
import type { Settings } from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"
import * as StreamThread from "./StreamThread.ts"

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
}

/** A thread, and the scope of what it holds. */
interface Opened {
  readonly thread: StreamThread.StreamThread
  readonly scope: Scope.Closeable
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
  const compression = yield* Compression
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
      currentTimeMillis: () => clock.currentTimeMillisUnsafe()
    }),
    processId: () => processId,
    database: hasDiskStores(topology)
      ? yield* inDirectory(settings, (yield* StoreEngine).open(`${stateDirectory}/stores`))
      : undefined,
    renewProcessId: inDirectory(settings, ProcessId.renew(stateDirectory)).pipe(
      Effect.map((id) => void (processId = id)),
      Effect.provideService(Disk, disk)
    )
  }
  const outer = yield* Effect.scope
  const threads = new Map<number, StreamThread.StreamThread>()
  const open = Effect.fnUntraced(function*(index: number) {
    const scope = yield* Scope.fork(outer)
    const thread = yield* Scope.provide(StreamThread.make(shared, index), scope)
    threads.set(index, thread)
    const opened: Opened = { thread, scope }
    return opened
  }, Effect.provideService(Compression, compression))
  const first = yield* Effect.forEach(Array.from({ length: settings.numStreamThreads }, (_, at) => at + 1), open)
  const updater = shared.globals.topics.length === 0 ? undefined : GlobalStoreUpdater.make({
    applicationId,
    status: state,
    state: shared.globals,
    partitions: globalPartitions,
    consumer: yield* ConsumerEngine.make(cluster, {
      autoOffsetReset: "earliest",
      isolationLevel: StreamThread.isolationOf(settings),
      allowAutoCreateTopics: false
    })
  })
  const working = Effect.gen(function*() {
    const exits = yield* Effect.forEach(
      first,
      (opened, at) => Effect.exit(supervised(shared, opened, open(at + 1))),
      { concurrency: "unbounded" }
    )
    for (const exit of exits) if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
  })
  const run = updater === undefined
    ? working
    : Effect.andThen(updater.bootstrap, Effect.raceFirst(working, updater.follow))
  const instance: Instance = { ...shared, threads: () => [...threads.values()], run }
  return instance
})

/** Whether any store of the topology is on disk. */
const hasDiskStores = ({ stores }: ResolvedTopology): boolean =>
  stores.some(({ _tag, type }) => _tag === "KeyValue" && type === "persistent")

/** Runs a thread, and what takes its place when it fails, until one ends the instance. */
const supervised = <R>(
  { settings, state }: StreamThread.Shared,
  opened: Opened,
  reopen: Effect.Effect<Opened, StreamsError, R>
): Effect.Effect<void, StreamsError, R> =>
  Effect.gen(function*() {
    let current: Opened | undefined = opened
    while (true) {
      const { scope, thread } = current ?? (yield* reopen)
      current = undefined
      const exit = yield* Effect.exit(thread.run)
      const failure = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
      if (failure !== undefined) state.failedThreads++
      const response = failure === undefined || state.isStopping || failure.reason === "ShutdownRequested"
        ? "shutdownClient"
        : settings.uncaughtExceptionHandler(failure)
      if (response === "shutdownApplication") yield* thread.requestShutdown
      yield* Scope.close(scope, exit)
      if (Exit.isSuccess(exit)) return
      if (response !== "replaceThread") return yield* Effect.failCause(exit.cause)
      yield* Effect.logWarning(`${thread.name} is replaced: ${failure!.message}`)
      yield* Effect.sleep(limits.retryBackoffMaxMs)
    }
  }).pipe(Effect.onError(() => Effect.sync(() => state.stop())))

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
