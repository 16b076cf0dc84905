/**
 * How a stream app ends when it cannot go on. An app never stops without one of these, except when it is asked to.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { ConsumerError } from "../../consumer/ConsumerError.ts"
import * as TaskError from "../engine/TaskError.ts"

/**
 * Why an app stopped. `E` is what effects of the topology fail with (`error`, reason `Effect`).
 *
 * - `Processing`: a record could not be processed; `cause` is a `TaskError` that names node and record.
 * - `Effect`: an effect of the topology failed.
 * - `Topology`: the topology is invalid, or does not fit the topics.
 * - `Settings`: an option or an environment variable has no meaning.
 * - `MissingSourceTopics`: topics that are read do not exist.
 * - `InternalTopics`: repartition or changelog topics are not as they must be, or could not be made.
 * - `Consuming`, `Producing`, `Transaction`: the cluster refused, or stayed away for too long.
 * - `StateDirectory`: the state directory cannot be used, or another app uses it.
 * - `Timeout`: what was asked for has not happened in time; it goes on.
 * - `ShutdownRequested`: an instance asked all instances of the app to stop.
 * - `Interrupted`: the app's fiber was interrupted from elsewhere, or died.
 *
 * @since 0.1.0
 */
export class StreamsError<out E = unknown> extends Data.TaggedError("StreamsError")<{
  readonly reason:
    | "Processing"
    | "Effect"
    | "Topology"
    | "Settings"
    | "MissingSourceTopics"
    | "InternalTopics"
    | "Consuming"
    | "Producing"
    | "Transaction"
    | "StateDirectory"
    | "Timeout"
    | "ShutdownRequested"
    | "Interrupted"
  readonly applicationId: string
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
  readonly error?: unknown
  /** With `MissingSourceTopics`: which. */
  readonly topics?: ReadonlyArray<string>
}> {
  declare readonly error?: E
  override get message(): string {
    return `app ${this.applicationId} stopped: ${this.detail}; ${this.hint}`
  }
}

/**
 * An app that stopped at a record.
 *
 * @since 0.1.0
 */
export const processing = (applicationId: string, cause: TaskError.TaskError): StreamsError<unknown> =>
  new StreamsError({
    reason: cause.reason === "Effect" ? "Effect" : "Processing",
    applicationId,
    detail: cause.message,
    hint: cause.reason === "Deserialize"
      ? "check the topic's serdes, or set deserializationExceptionHandler to continue"
      : "fix the cause and start again: the record is processed again",
    cause,
    ...(cause.reason === "Effect" ? { error: cause.cause } : {})
  })

/**
 * An app that cannot read its topics.
 *
 * @since 0.1.0
 */
export const consuming = (applicationId: string) => (cause: ConsumerError): StreamsError<never> =>
  new StreamsError<never>({
    reason: "Consuming",
    applicationId,
    detail: cause.message,
    hint: "start the app again when the cause is gone: it goes on at what is committed",
    cause
  })

/**
 * An app whose local state cannot be read or written.
 *
 * @since 0.1.0
 */
export const stateFailed = (applicationId: string, cause: unknown): StreamsError<never> =>
  new StreamsError<never>({
    reason: "StateDirectory",
    applicationId,
    detail: TaskError.detailOf(cause),
    hint: "look at the disk, or delete the state directory: state comes back from the changelogs",
    cause
  })
