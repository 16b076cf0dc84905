/**
 * A running topology: one instance of an app, as a service. Start several (processes, machines) and they share the work.
 *
 * Keeps true: an app that stops by itself fails `await` and `launch` with a `StreamsError`; closing the scope commits what
 * was processed, leaves the group and ends what is open. An invalid topology is refused before anything starts.
 * Updates of tables are held back in record caches until a commit (`stateStoreCacheMaxBytes`), as Kafka does.
 *
 * @since 0.1.0
 */
import type { Kafka } from "@millrace/core/Kafka"
import type { Disk } from "@millrace/core/platform/Disk"
import type { StoreEngine } from "@millrace/core/platform/StoreEngine"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import type * as Resolve from "@millrace/core/streams/resolve/resolve"
import * as Topology from "@millrace/core/streams/Topology"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { GroupMembershipOperation } from "../../consumer/ConsumerCore.ts"
import * as limits from "../../limits.ts"
import type { Metric } from "../engine/metrics/Metric.ts"
import type * as StoreReader from "../engine/stores/StoreReader.ts"
import * as Instance from "./Instance.ts"
import * as EffectMetrics from "./metrics/EffectMetrics.ts"
import * as Metrics from "./metrics/Metrics.ts"
import * as Queries from "./Queries.ts"
import { open as openToQueries } from "./queries/open.ts"
import type * as Query from "./queries/Query.ts"
import type { QueryFailure } from "./queries/QueryError.ts"
import type { QueryOptions } from "./queries/Asking.ts"
import type { QueryPage, QueryResult } from "./queries/QueryRouter.ts"
import * as Settings from "./Settings.ts"
import { StreamsError } from "./StreamsError.ts"
import type { State } from "./StreamsLoop.ts"
import * as ThreadMetadata from "./ThreadMetadata.ts"

export type { CustomAssignor as TaskAssignor } from "./assignment/CustomAssignor.ts"
export type { QueryOptions } from "./queries/Asking.ts"
export { NotUpToBound, QueryError, type QueryFailure } from "./queries/QueryError.ts"
export type { QueryPage, QueryResult } from "./queries/QueryRouter.ts"
export { StreamsError } from "./StreamsError.ts"

/**
 * The running instance.
 *
 * @since 0.1.0
 */
export class StreamsApp extends Context.Service<StreamsApp, {
  /** Kafka's names for what the instance is doing. */
  readonly state: Effect.Effect<State>
  /** The state now, and each one after it. */
  readonly changes: Stream.Stream<State>
  /** Ends when the app ends: with a failure if it stopped by itself. */
  readonly await: Effect.Effect<void, StreamsError>
  /** Processes no more records until `resume`; the instance stays in its group and commits what it has processed. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  readonly isPaused: Effect.Effect<boolean>
  /**
   * Starts one more thread of work; its name, undefined if the instance is ending. The threads split the caches among them
   * anew.
   */
  readonly addStreamThread: Effect.Effect<string | undefined, StreamsError>
  /**
   * Lets one thread commit, leave the group and end, and the others take its tasks; its name, undefined if there is none or the
   * instance is ending. Fails with `Timeout` if it takes longer than `timeout` (without limit when left out); it ends all the
   * same.
   */
  readonly removeStreamThread: (
    options?: { readonly timeout?: Duration.Input | undefined }
  ) => Effect.Effect<string | undefined, StreamsError>
  /** Commits and stops; `await` ends then. Whether it did so in time. Closing the scope does the same. */
  readonly close: (options?: CloseOptions) => Effect.Effect<boolean>
  /** Records still to be processed, by partition (`topic-0`), of the partitions that this instance has. */
  readonly lag: Effect.Effect<ReadonlyMap<string, number>>
  /** How far the stores of this instance, active and standby, are behind their changelogs: by store and partition. */
  readonly localStorePartitionLags: Effect.Effect<
    ReadonlyMap<string, ReadonlyMap<number, Queries.LagInfo>>,
    StreamsError
  >
  /** The threads of this instance and their tasks. */
  readonly localThreads: Effect.Effect<ReadonlyArray<ThreadMetadata.ThreadMetadata>>
  /** All instances of the app that have an `applicationServer`, and what each has. */
  readonly metadataForAllClients: Effect.Effect<ReadonlyArray<Queries.StreamsMetadata>>
  /** Which instances have a key of a store (Kafka's `queryMetadataForKey`), by its serde or by a partitioner. */
  readonly metadataForKey: <K>(
    store: string,
    key: K,
    by: Queries.KeyPartitioner<K>
  ) => Effect.Effect<Queries.KeyMetadata, StreamsError>
  /** Finds one value, wherever its store is; fails with `QueryError` or `NotUpToBound` when the time of the query is up. */
  readonly query: <A>(
    query: Query.One<A>,
    options?: QueryOptions
  ) => Effect.Effect<QueryResult<A>, QueryFailure>
  /** Finds entries, wherever they are: partition after partition, each in the order of its store, read as they are wanted. */
  readonly queryMany: <A>(query: Query.Many<A>, options?: QueryOptions) => Stream.Stream<A, QueryFailure>
  /** The same, in the pages in which they were read: each is what was so at one moment, with its position. */
  readonly queryPages: <A>(
    query: Query.Many<A>,
    options?: QueryOptions
  ) => Stream.Stream<QueryPage<A>, QueryFailure>
  /** Reads a key-value store, as far as this instance has its tasks. */
  readonly keyValueStore: <K = unknown, V = unknown>(
    name: string
  ) => Effect.Effect<StoreReader.KeyValueReader<K, V>, StreamsError>
  /** Reads a versioned store, now or as of a time, as far as this instance has its tasks. */
  readonly versionedStore: <K = unknown, V = unknown>(
    name: string
  ) => Effect.Effect<StoreReader.VersionedReader<K, V>, StreamsError>
  /** Reads a window store, as far as this instance has its tasks. */
  readonly windowStore: <K = unknown, V = unknown>(
    name: string
  ) => Effect.Effect<StoreReader.WindowReader<K, V>, StreamsError>
  /** Reads a session store, as far as this instance has its tasks. */
  readonly sessionStore: <K = unknown, V = unknown>(
    name: string
  ) => Effect.Effect<StoreReader.SessionReader<K, V>, StreamsError>
  /** All metrics of this instance, under Kafka Streams' groups and names. */
  readonly metrics: Effect.Effect<ReadonlyArray<Metric>>
  /**
   * Keeps the numbers among them in Effect's `Metric`s, as gauges `GROUP.NAME` with the tags as attributes, anew after each
   * interval (10 seconds); until it is interrupted.
   */
  readonly trackMetrics: (interval?: Duration.Input) => Effect.Effect<never>
  /** Kafka's `dropped-records-total`, of the tasks that this instance has; and what brokers refused and a handler let pass. */
  readonly droppedRecords: Effect.Effect<number>
}>()("@millrace/client/streams/runtime/StreamsApp") {}

/**
 * How an instance is closed.
 *
 * @since 0.1.0
 */
export interface CloseOptions {
  /** How long to wait until it has stopped (30 seconds). */
  readonly timeout?: Duration.Input | undefined
  /**
   * Whether other instances take the tasks at once, or when the sessions of the members have timed out. When left out, members
   * leave, and those with a `groupInstanceId` remain.
   */
  readonly groupMembershipOperation?: GroupMembershipOperation | undefined
}

/**
 * How an app is set up.
 *
 * @since 0.1.0
 */
export interface Options extends Settings.Options, Omit<Resolve.Options, "applicationId"> {}

/**
 * What an app needs besides the services of its topology.
 *
 * @since 0.1.0
 */
export type Requirements = Kafka | Network | Disk | StoreEngine | Compression

const endOf = (
  applicationId: string,
  exit: Exit.Exit<void, StreamsError>
): Exit.Exit<void, StreamsError> | StreamsError => {
  if (exit._tag === "Success") return exit
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure !== undefined) return failure.error
  return new StreamsError<never>({
    reason: "Interrupted",
    applicationId,
    detail: Cause.pretty(exit.cause),
    hint: "this is a defect of millrace if nobody interrupted the app: please report it",
    cause: exit.cause
  })
}

/**
 * Starts an instance in the scope; it is up when its topics are there and it has asked to join its group.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<E, R>(
  topology: Topology.Topology<E, R>,
  options: Options
): Effect.fn.Return<StreamsApp["Service"], StreamsError<E>, R | Requirements | Scope.Scope> {
  const settings = yield* Settings.resolve(options)
  const { applicationId } = settings
  const resolved = yield* Effect.mapError(
    Effect.fromResult(Topology.resolve(topology, options)),
    (cause) =>
      new StreamsError<never>({
        reason: "Topology",
        applicationId,
        detail: cause.message,
        hint: "correct the topology",
        cause
      })
  )
  // only effects of the topology fail with E, and all of the topology's own effects do
  const instance = yield* Effect.mapError(Instance.make(resolved, settings), (error) => error as StreamsError<E>)
  const router = yield* openToQueries(instance)
  const ended = Deferred.makeUnsafe<void, StreamsError>()
  const fiber = yield* Effect.forkScoped(
    instance.run.pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          const end = endOf(applicationId, exit)
          instance.state.noteEnd(end._tag === "Success" ? "NOT_RUNNING" : "ERROR")
          Deferred.doneUnsafe(ended, end._tag === "StreamsError" ? Effect.fail(end) : end)
        })
      )
    )
  )
  const { state } = instance
  const close = ({ groupMembershipOperation, timeout = limits.closeTimeoutMs }: CloseOptions = {}) =>
    Effect.suspend(() => {
      if (groupMembershipOperation !== undefined) {
        for (const { consumer } of instance.threads()) consumer.onClose(groupMembershipOperation)
      }
      state.stop()
      return Effect.map(Effect.timeoutOption(Fiber.await(fiber), timeout), Option.isSome)
    })
  yield* Effect.addFinalizer(() => close())
  return {
    state: Effect.sync(() => state.current),
    changes: state.changes,
    await: Deferred.await(ended),
    pause: Effect.sync(() => void (state.isPaused = true)),
    resume: Effect.sync(() => void (state.isPaused = false)),
    isPaused: Effect.sync(() => state.isPaused),
    addStreamThread: instance.addStreamThread,
    removeStreamThread: ({ timeout = Duration.infinity } = {}) =>
      instance.removeStreamThread(Duration.toMillis(timeout)),
    close,
    lag: Effect.sync(() => Queries.lag(instance)),
    localStorePartitionLags: Queries.storePartitionLags(instance),
    localThreads: Effect.sync(() => ThreadMetadata.ofThreads(instance)),
    metadataForAllClients: Effect.sync(() => Queries.metadataForAllClients(instance)),
    metadataForKey: (store, key, by) => Queries.metadataForKey(instance, store, key, by),
    query: (query, options = {}) => router.one(query, options),
    queryMany: (query, options = {}) =>
      Stream.flattenIterable(Stream.map(router.many(query, options), ({ entries }) => entries)),
    queryPages: (query, options = {}) => router.many(query, options),
    keyValueStore: (name) => Queries.keyValueStore(instance, name),
    versionedStore: (name) => Queries.versionedStore(instance, name),
    windowStore: (name) => Queries.windowStore(instance, name),
    sessionStore: (name) => Queries.sessionStore(instance, name),
    metrics: Metrics.snapshot(instance),
    trackMetrics: (interval = "10 seconds") => EffectMetrics.track(Metrics.snapshot(instance), interval),
    droppedRecords: Effect.sync(() => Queries.droppedRecords(instance))
  }
})

/**
 * An instance as a layer. Building it fails if the app cannot start; later failures end `StreamsApp.await`.
 *
 * @since 0.1.0
 */
export const layer = <E, R>(
  topology: Topology.Topology<E, R>,
  options: Options
): Layer.Layer<StreamsApp, StreamsError<E>, R | Requirements> => Layer.effect(StreamsApp, make(topology, options))

/**
 * Deletes the stores that an instance keeps in its state directory, so that its next start restores them from their changelogs
 * (Kafka's `cleanUp`). Refused (`StateDirectory`) for as long as an instance has the directory: until its scope is closed.
 *
 * @since 0.1.0
 */
export const cleanUp = (
  options: Pick<Options, "applicationId" | "stateDirectory">
): Effect.Effect<void, StreamsError<never>, Disk> => Effect.flatMap(Settings.resolve(options), Instance.cleanUp)

/**
 * Runs an app until it stops: fails as it fails; interruption closes it in order.
 *
 * @since 0.1.0
 */
export const launch = <E, R>(
  app: Layer.Layer<StreamsApp, StreamsError<E>, R>
): Effect.Effect<void, StreamsError<E>, R> =>
  Effect.scoped(
    Effect.flatMap(Layer.build(app), (context) =>
      // what ends the app is of the topology's type: nothing else runs in it
      Context.get(context, StreamsApp).await as Effect.Effect<void, StreamsError<E>>)
  )
