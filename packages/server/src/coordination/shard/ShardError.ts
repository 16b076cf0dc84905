/**
 * Why a shard gave no answer, with the code that tells a client what to do.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Data from "effect/Data"
import type { ShardLogError } from "./ShardLog.ts"

/**
 * A request could not be decided, or what was decided did not commit. `code` is Kafka's error code.
 *
 * @since 0.1.0
 */
export class ShardError extends Data.TaggedError("ShardError")<{
  readonly reason: "Loading" | "NotOwner" | "Busy" | "Log" | "Defect"
  readonly code: number
  readonly detail: string
}> {
  override get message(): string {
    return `shard gave no answer (${this.reason}): ${this.detail}`
  }
}

/**
 * The shard is still reading its log.
 *
 * @since 0.1.0
 */
export const loading = (): ShardError =>
  new ShardError({
    reason: "Loading",
    code: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    detail: "the log is being read, try again"
  })

/**
 * The shard is not, or no longer, kept here.
 *
 * @since 0.1.0
 */
export const notOwner = (): ShardError =>
  new ShardError({
    reason: "NotOwner",
    code: ErrorCode.NOT_COORDINATOR,
    detail: "this broker does not lead the shard's partition, find the coordinator again"
  })

/**
 * Too much waits already.
 *
 * @since 0.1.0
 */
export const busy = (): ShardError =>
  new ShardError({
    reason: "Busy",
    code: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    detail: "too many requests wait, try again later"
  })

/**
 * A decision threw: a bug, or bytes that nobody expected.
 *
 * @since 0.1.0
 */
export const defect = (cause: unknown): ShardError =>
  new ShardError({ reason: "Defect", code: ErrorCode.UNKNOWN_SERVER_ERROR, detail: String(cause) })

/** What the log says is not always what a coordinator's client can use: these are Kafka's translations. */
const codeOf = (code: number): number => {
  switch (code) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
    case ErrorCode.INVALID_FETCH_SIZE:
      return ErrorCode.UNKNOWN_SERVER_ERROR
    default:
      return code
  }
}

/**
 * The log refused or failed.
 *
 * @since 0.1.0
 */
export const ofLog = (error: ShardLogError): ShardError =>
  new ShardError({ reason: "Log", code: codeOf(error.code), detail: error.detail })
