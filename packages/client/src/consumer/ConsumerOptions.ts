/**
 * How a consumer works; named as Kafka names it, with Kafka's defaults.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import {
  fetchBufferBytes,
  fetchMaxBytes,
  fetchMaxWaitMs,
  fetchPartitionMaxBytes,
  heartbeatIntervalMs,
  maxPollIntervalMs,
  metadataAgeMaxMs,
  sessionTimeoutMs
} from "../limits.ts"

/**
 * Where to begin in a partition for which the group has no valid position: the first record, the end, or nowhere
 * (an error); or the first record that is not older than a duration, and the end if there is none (Kafka's `by_duration`).
 *
 * @since 0.1.0
 */
export type OffsetReset = "earliest" | "latest" | "none" | { readonly byDuration: Duration.Input }

/**
 * The same, decided.
 *
 * @since 0.1.0
 */
export type ResetPolicy = "earliest" | "latest" | "none" | { readonly byDurationMs: number }

/**
 * Decides where to begin. A duration counts from when a position is looked for.
 *
 * @since 0.1.0
 */
export const resetPolicy = (reset: OffsetReset): ResetPolicy =>
  typeof reset === "object" ? { byDurationMs: Duration.toMillis(reset.byDuration) } : reset

/**
 * What every consumer can be told.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Without it there is no group: partitions are assigned by hand, nothing is committed. */
  readonly groupId?: string | undefined
  /** A name of one's own in the group: a restart within the session timeout causes no rebalance. */
  readonly groupInstanceId?: string | undefined
  readonly sessionTimeout?: Duration.Input | undefined
  readonly heartbeatInterval?: Duration.Input | undefined
  /** The longest time between polls before the member leaves its group; also how long a rebalance may take. */
  readonly maxPollInterval?: Duration.Input | undefined
  /** After which time topics are looked up again, and so new ones found (Kafka's `metadata.max.age.ms`: 5 minutes). */
  readonly metadataMaxAge?: Duration.Input | undefined
  readonly autoOffsetReset?: OffsetReset | undefined
  readonly isolationLevel?: "read_uncommitted" | "read_committed" | undefined
  readonly fetchMinBytes?: number | undefined
  readonly fetchMaxBytes?: number | undefined
  readonly maxPartitionFetchBytes?: number | undefined
  readonly fetchMaxWait?: Duration.Input | undefined
  /** How much may be fetched ahead, in bytes, before fetching waits. */
  readonly fetchBuffer?: number | undefined
  /** Where this consumer is: it then reads from replicas nearby, if the brokers say so. */
  readonly clientRack?: string | undefined
  readonly allowAutoCreateTopics?: boolean | undefined
  readonly checkCrcs?: boolean | undefined
}

/**
 * The options with every value in place; times in milliseconds.
 *
 * @since 0.1.0
 */
export interface Settings {
  readonly groupId: string | undefined
  readonly groupInstanceId: string | null
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxPollIntervalMs: number
  readonly metadataAgeMaxMs: number
  /** Where to begin in a partition of a topic. */
  readonly offsetResetOf: (topic: string) => ResetPolicy
  readonly readCommitted: boolean
  readonly fetchMinBytes: number
  readonly fetchMaxBytes: number
  readonly fetchPartitionMaxBytes: number
  readonly fetchMaxWaitMs: number
  readonly fetchBufferBytes: number
  readonly clientRack: string
  readonly allowAutoCreateTopics: boolean
  readonly checkCrcs: boolean
}

const millis = (input: Duration.Input | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(Duration.fromInputUnsafe(input))

/**
 * Fills in the defaults; `offsetResetOf` is asked before `autoOffsetReset`.
 *
 * @since 0.1.0
 */
export const resolve = (
  options: Options,
  offsetResetOf: (topic: string) => ResetPolicy | undefined = () => undefined
): Settings => ({
  groupId: options.groupId,
  groupInstanceId: options.groupInstanceId ?? null,
  sessionTimeoutMs: millis(options.sessionTimeout, sessionTimeoutMs),
  heartbeatIntervalMs: millis(options.heartbeatInterval, heartbeatIntervalMs),
  maxPollIntervalMs: millis(options.maxPollInterval, maxPollIntervalMs),
  metadataAgeMaxMs: millis(options.metadataMaxAge, metadataAgeMaxMs),
  offsetResetOf: (topic) => offsetResetOf(topic) ?? resetPolicy(options.autoOffsetReset ?? "latest"),
  readCommitted: options.isolationLevel === "read_committed",
  fetchMinBytes: options.fetchMinBytes ?? 1,
  fetchMaxBytes: options.fetchMaxBytes ?? fetchMaxBytes,
  fetchPartitionMaxBytes: options.maxPartitionFetchBytes ?? fetchPartitionMaxBytes,
  fetchMaxWaitMs: millis(options.fetchMaxWait, fetchMaxWaitMs),
  fetchBufferBytes: options.fetchBuffer ?? fetchBufferBytes,
  clientRack: options.clientRack ?? "",
  allowAutoCreateTopics: options.allowAutoCreateTopics ?? true,
  checkCrcs: options.checkCrcs ?? true
})
