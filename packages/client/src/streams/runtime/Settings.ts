/**
 * The settings of an app: what the program says, else what the environment says, else Kafka's defaults.
 *
 * The environment variables are `KAFKA_STREAMS_` and the option's name in capitals, times in milliseconds
 * (`KAFKA_STREAMS_SESSION_TIMEOUT_MS=6000`), and `MILLRACE_STATE_DIR`.
 *
 * @since 0.1.0
 */
import type { Tls } from "@millrace/core/platform/Network"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { OffsetReset } from "../../consumer/ConsumerOptions.ts"
import * as limits from "../../limits.ts"
import type { ExceptionHandlers } from "../engine/errors/ExceptionHandlers.ts"
import { type RecordingLevel, recordingLevels } from "../engine/metrics/RecordingLevel.ts"
import type { CustomAssignor } from "./assignment/CustomAssignor.ts"
import type { RackAwareAssignmentStrategy } from "./assignment/ClientState.ts"
import type { StandbyUpdateListener } from "./StandbyUpdateListener.ts"
import type { StateRestoreListener } from "./StateRestoreListener.ts"
import { StreamsError } from "./StreamsError.ts"

/**
 * What becomes of the app when a thread fails. `replaceThread`: another takes its place, and begins at what is committed;
 * `shutdownClient`: the instance stops with the failure; `shutdownApplication`: so do all instances.
 *
 * @since 0.1.0
 */
export type UncaughtExceptionResponse = "replaceThread" | "shutdownClient" | "shutdownApplication"

/**
 * Decides by the failure.
 *
 * @since 0.1.0
 */
export type UncaughtExceptionHandler = (failure: StreamsError) => UncaughtExceptionResponse

/**
 * Kafka Streams' assignors that can be chosen: the default, the public `StickyTaskAssignor`, and the one that came before it
 * (`LegacyStickyTaskAssignor`, which `internal.task.assignor.class` names).
 *
 * @since 0.1.0
 */
export type TaskAssignorName = "highAvailability" | "sticky" | "legacySticky"

/**
 * What a program may say of its app; names and meanings are Kafka's.
 *
 * @since 0.1.0
 */
export interface Options extends ExceptionHandlers {
  /** Names the app: its group, its internal topics, its transactions. */
  readonly applicationId: string
  /** `at_least_once` (default), or `exactly_once` (Kafka's `exactly_once_v2`). */
  readonly processingGuarantee?: "at_least_once" | "exactly_once" | "exactly_once_v2" | undefined
  /** The time between commits: 30 seconds, with exactly-once 100 milliseconds. */
  readonly commitInterval?: Duration.Input | undefined
  /** How long a task waits for a partition that has nothing, so that it picks records by time; negative: not at all. */
  readonly maxTaskIdle?: Duration.Input | undefined
  /** How often at most windows that have closed are emitted (1 second). */
  readonly emitInterval?: Duration.Input | undefined
  /**
   * How much the caches of all stores may hold back until a commit, in bytes (10 MiB): a table then passes on the newest
   * value of each key. 0: every change is passed on (Kafka's `statestore.cache.max.bytes`).
   */
  readonly stateStoreCacheMaxBytes?: number | undefined
  /** Where partitions begin that have no committed offset, unless their source says otherwise (`earliest`). */
  readonly autoOffsetReset?: OffsetReset | undefined
  /** Of internal topics; -1 (default): as the broker has it. */
  readonly replicationFactor?: number | undefined
  /** Where stores on disk and the process id are kept: `.millrace/<applicationId>`. */
  readonly stateDirectory?: string | undefined
  /** How many tasks can be waited for at a time: threads of work, each a member of the group (1). */
  readonly numStreamThreads?: number | undefined
  /** What becomes of the app when a thread fails (`shutdownClient`). */
  readonly uncaughtExceptionHandler?: UncaughtExceptionResponse | UncaughtExceptionHandler | undefined
  /** How much is measured: what costs something per record only from `debug` on (`info`). */
  readonly metricsRecordingLevel?: RecordingLevel | undefined
  /** Hears how far stores are restored. */
  readonly stateRestoreListener?: StateRestoreListener | undefined
  /** Hears how standbys are kept up to date. */
  readonly standbyUpdateListener?: StandbyUpdateListener | undefined
  /** How many other instances keep a copy of each task's state (0). */
  readonly numStandbyReplicas?: number | undefined
  /** How many records a state may be behind for a task to be moved to it (10 000). */
  readonly acceptableRecoveryLag?: number | undefined
  /** How many copies at most are made at a time only to move tasks (2). */
  readonly maxWarmupReplicas?: number | undefined
  /** How long to wait before asking whether tasks can be moved to copies that have caught up (10 minutes). */
  readonly probingRebalanceInterval?: Duration.Input | undefined
  /** HOST:PORT where other instances can ask this one; it listens there for their queries. */
  readonly applicationServer?: string | undefined
  /**
   * HOST:PORT where it listens instead, if `applicationServer` is not an address of this machine; false: it does not, for
   * another server answers there.
   */
  readonly queryListener?: string | false | undefined
  /** Encrypts what instances ask each other; with `clientAuthentication` they have to be known, too (unencrypted). */
  readonly queryTls?: Tls | undefined
  /** Where this instance runs, by name: copies are kept apart by `rackAwareAssignmentTags`. */
  readonly clientTags?: Readonly<Record<string, string>> | undefined
  readonly rackAwareAssignmentTags?: ReadonlyArray<string> | undefined
  /** The rack that this instance is in, as brokers have a `broker.rack`: it reads from replicas there. */
  readonly clientRack?: string | undefined
  /** Whether tasks are moved to where the replicas of their partitions are, if all racks are known (`none`). */
  readonly rackAwareAssignmentStrategy?: RackAwareAssignmentStrategy | undefined
  /** What reading a partition from another rack counts (10; with `sticky`, racks are minded only if both costs are given). */
  readonly rackAwareAssignmentTrafficCost?: number | undefined
  /** What moving a task to another instance counts (1). */
  readonly rackAwareAssignmentNonOverlapCost?: number | undefined
  /**
   * Who gets which task: by how far states are behind (`highAvailability`), or who has had it (`sticky`, `legacySticky`); or as
   * a function decides, which all instances have to have: an answer that cannot be stops the app.
   */
  readonly taskAssignor?: TaskAssignorName | CustomAssignor | undefined
  readonly repartitionPurgeInterval?: Duration.Input | undefined
  /**
   * A name of this instance's own in the group (static membership); each thread adds its number. A restart within the session
   * timeout then moves no task; closing leaves the place to whoever comes back under the name.
   */
  readonly groupInstanceId?: string | undefined
  readonly sessionTimeout?: Duration.Input | undefined
  readonly heartbeatInterval?: Duration.Input | undefined
  readonly maxPollInterval?: Duration.Input | undefined
  /** After which time topics are looked up again: how soon a source by pattern, or a sink, finds new ones (5 minutes). */
  readonly metadataMaxAge?: Duration.Input | undefined
  /** With exactly-once: how long the broker lets an unfinished transaction be (10 seconds). */
  readonly transactionTimeout?: Duration.Input | undefined
  /** How long output waits for more (100 milliseconds). */
  readonly linger?: Duration.Input | undefined
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | undefined
}

/**
 * All settings, decided; times in milliseconds.
 *
 * @since 0.1.0
 */
export interface Settings {
  readonly applicationId: string
  readonly isExactlyOnce: boolean
  readonly commitIntervalMs: number
  readonly maxTaskIdleMs: number
  readonly emitIntervalMs: number
  readonly stateStoreCacheMaxBytes: number
  readonly autoOffsetReset: OffsetReset
  readonly handlers: ExceptionHandlers
  readonly replicationFactor: number
  readonly stateDirectory: string
  readonly numStreamThreads: number
  readonly uncaughtExceptionHandler: UncaughtExceptionHandler
  readonly metricsRecordingLevel: RecordingLevel
  readonly stateRestoreListener: StateRestoreListener | undefined
  readonly standbyUpdateListener: StandbyUpdateListener | undefined
  readonly numStandbyReplicas: number
  readonly acceptableRecoveryLag: number
  readonly maxWarmupReplicas: number
  readonly probingRebalanceIntervalMs: number
  readonly applicationServer: string | undefined
  /** Where queries of other instances are listened for. */
  readonly queryListener: string | undefined
  readonly queryTls: Tls | undefined
  readonly clientTags: ReadonlyMap<string, string>
  readonly rackAwareAssignmentTags: ReadonlyArray<string>
  readonly clientRack: string | undefined
  readonly rackAwareAssignmentStrategy: RackAwareAssignmentStrategy
  readonly rackAwareAssignmentTrafficCost: number | undefined
  readonly rackAwareAssignmentNonOverlapCost: number | undefined
  readonly taskAssignor: TaskAssignorName | CustomAssignor
  readonly repartitionPurgeIntervalMs: number
  readonly groupInstanceId: string | undefined
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxPollIntervalMs: number
  readonly metadataMaxAgeMs: number
  readonly transactionTimeoutMs: number
  readonly lingerMs: number
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd"
}

const milliseconds = (name: string) => Config.option(Config.Int(`KAFKA_STREAMS_${name}_MS`))

const times = {
  commitInterval: milliseconds("COMMIT_INTERVAL"),
  maxTaskIdle: milliseconds("MAX_TASK_IDLE"),
  emitInterval: milliseconds("EMIT_INTERVAL"),
  probingRebalanceInterval: milliseconds("PROBING_REBALANCE_INTERVAL"),
  repartitionPurgeInterval: milliseconds("REPARTITION_PURGE_INTERVAL"),
  sessionTimeout: milliseconds("SESSION_TIMEOUT"),
  heartbeatInterval: milliseconds("HEARTBEAT_INTERVAL"),
  maxPollInterval: milliseconds("MAX_POLL_INTERVAL"),
  metadataMaxAge: milliseconds("METADATA_MAX_AGE"),
  transactionTimeout: milliseconds("TRANSACTION_TIMEOUT"),
  linger: milliseconds("LINGER")
}

const environment = Config.all({
  ...times,
  numStreamThreads: Config.option(Config.Int("KAFKA_STREAMS_NUM_STREAM_THREADS")),
  numStandbyReplicas: Config.option(Config.Int("KAFKA_STREAMS_NUM_STANDBY_REPLICAS")),
  stateStoreCacheMaxBytes: Config.option(Config.Int("KAFKA_STREAMS_STATESTORE_CACHE_MAX_BYTES")),
  replicationFactor: Config.option(Config.Int("KAFKA_STREAMS_REPLICATION_FACTOR")),
  groupInstanceId: Config.option(Config.NonEmptyString("KAFKA_STREAMS_GROUP_INSTANCE_ID")),
  metricsRecordingLevel: Config.option(Config.Literals(recordingLevels, "KAFKA_STREAMS_METRICS_RECORDING_LEVEL")),
  stateDirectory: Config.option(Config.NonEmptyString("MILLRACE_STATE_DIR"))
})

const validAddress = /^.+:\d{1,5}$/
const validName = /^[a-zA-Z0-9._-]{1,200}$/

/**
 * Decides the settings; fails for an option or a variable that has no meaning, or an application id that topics cannot be named
 * after.
 *
 * @since 0.1.0
 */
export const resolve = Effect.fnUntraced(function*(options: Options) {
  const { applicationId } = options
  const fail = (detail: string, cause: unknown, hint: string) =>
    new StreamsError<never>({ reason: "Settings", applicationId, detail, hint, cause })
  if (!validName.test(applicationId)) {
    return yield* fail(
      `${JSON.stringify(applicationId)} is no application id`,
      undefined,
      "use letters, digits, . _ and -"
    )
  }
  const given = yield* Effect.mapError(
    environment,
    (cause) => fail(cause.message, cause, "correct the environment variable")
  )
  const time = (name: keyof typeof times, otherwise: number): number => {
    const option = options[name]
    return option === undefined ? Option.getOrElse(given[name], () => otherwise) : Duration.toMillis(option)
  }
  const isExactlyOnce = (options.processingGuarantee ?? "at_least_once") !== "at_least_once"
  const sessionTimeoutMs = time("sessionTimeout", 45_000)
  const handler = options.uncaughtExceptionHandler ?? "shutdownClient"
  const settings: Settings = {
    applicationId,
    isExactlyOnce,
    commitIntervalMs: time("commitInterval", isExactlyOnce ? 100 : 30_000),
    maxTaskIdleMs: time("maxTaskIdle", 0),
    emitIntervalMs: time("emitInterval", 1000),
    stateStoreCacheMaxBytes: options.stateStoreCacheMaxBytes
      ?? Option.getOrElse(given.stateStoreCacheMaxBytes, () => limits.stateStoreCacheMaxBytes),
    autoOffsetReset: options.autoOffsetReset ?? "earliest",
    handlers: {
      deserializationExceptionHandler: options.deserializationExceptionHandler,
      processingExceptionHandler: options.processingExceptionHandler,
      processingExceptionHandlerGlobalEnabled: options.processingExceptionHandlerGlobalEnabled,
      productionExceptionHandler: options.productionExceptionHandler,
      deadLetterQueueTopic: options.deadLetterQueueTopic
    },
    replicationFactor: options.replicationFactor ?? Option.getOrElse(given.replicationFactor, () => -1),
    stateDirectory: options.stateDirectory
      ?? Option.getOrElse(given.stateDirectory, () => `.millrace/${applicationId}`),
    numStreamThreads: options.numStreamThreads ?? Option.getOrElse(given.numStreamThreads, () => 1),
    metricsRecordingLevel: options.metricsRecordingLevel
      ?? Option.getOrElse(given.metricsRecordingLevel, () => "info" as const),
    stateRestoreListener: options.stateRestoreListener,
    standbyUpdateListener: options.standbyUpdateListener,
    uncaughtExceptionHandler: typeof handler === "function" ? handler : () => handler,
    numStandbyReplicas: options.numStandbyReplicas ?? Option.getOrElse(given.numStandbyReplicas, () => 0),
    acceptableRecoveryLag: options.acceptableRecoveryLag ?? 10_000,
    maxWarmupReplicas: options.maxWarmupReplicas ?? 2,
    probingRebalanceIntervalMs: time("probingRebalanceInterval", 600_000),
    applicationServer: options.applicationServer,
    queryTls: options.queryTls,
    queryListener: options.queryListener === false ? undefined : options.queryListener ?? options.applicationServer,
    clientTags: new Map(Object.entries(options.clientTags ?? {})),
    rackAwareAssignmentTags: options.rackAwareAssignmentTags ?? [],
    clientRack: options.clientRack,
    rackAwareAssignmentStrategy: options.rackAwareAssignmentStrategy ?? "none",
    rackAwareAssignmentTrafficCost: options.rackAwareAssignmentTrafficCost,
    rackAwareAssignmentNonOverlapCost: options.rackAwareAssignmentNonOverlapCost,
    taskAssignor: options.taskAssignor ?? "highAvailability",
    repartitionPurgeIntervalMs: time("repartitionPurgeInterval", 30_000),
    groupInstanceId: options.groupInstanceId ?? Option.getOrUndefined(given.groupInstanceId),
    sessionTimeoutMs,
    heartbeatIntervalMs: time("heartbeatInterval", Math.min(3000, Math.floor(sessionTimeoutMs / 3))),
    maxPollIntervalMs: time("maxPollInterval", 300_000),
    metadataMaxAgeMs: time("metadataMaxAge", limits.metadataAgeMaxMs),
    transactionTimeoutMs: time("transactionTimeout", 10_000),
    lingerMs: time("linger", 100),
    compression: options.compression ?? "none"
  }
  const wrong = firstWrong(settings)
  if (wrong !== undefined) return yield* fail(wrong, undefined, "correct the option")
  return settings
})

/** The settings that are whole numbers, and the least that each may be. */
const leastOf = [
  ["numStreamThreads", 1],
  ["numStandbyReplicas", 0],
  ["maxWarmupReplicas", 1],
  ["acceptableRecoveryLag", 0],
  ["rackAwareAssignmentTrafficCost", 0],
  ["rackAwareAssignmentNonOverlapCost", 0]
] as const

/** What has no meaning among the settings of threads, standbys, addresses and names, if anything. */
const firstWrong = (settings: Settings): string | undefined => {
  for (const [name, least] of leastOf) {
    const value = settings[name]
    if (value !== undefined && (!Number.isInteger(value) || value < least)) {
      return `${name} is ${value}, and has to be at least ${least}`
    }
  }
  for (const name of ["applicationServer", "queryListener"] as const) {
    const value = settings[name]
    if (value !== undefined && !validAddress.test(value)) {
      return `${name} is ${JSON.stringify(value)}, and has to be HOST:PORT`
    }
  }
  const { groupInstanceId } = settings
  return groupInstanceId === undefined || validName.test(groupInstanceId)
    ? undefined
    : `groupInstanceId is ${JSON.stringify(groupInstanceId)}, and may have letters, digits, . _ and -`
}
