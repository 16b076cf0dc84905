/**
 * How a task fails: which node, which record, and why; and what the engine does not execute.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Formatter from "effect/Formatter"
import type { Context } from "./Flow.ts"

/**
 * Why a record could not be processed. `UserCode`: a function of the topology threw; `Effect`: an effect of it failed
 * (`cause` is its error); `Deserialize`, `Serialize`: bytes and serde do not fit; `Timestamp`: it is negative, and the
 * extractor says that this is an error; `State`: a store on disk failed.
 *
 * @since 0.1.0
 */
export class TaskError extends Data.TaggedError("TaskError")<{
  readonly reason: "UserCode" | "Effect" | "Deserialize" | "Serialize" | "Timestamp" | "State"
  readonly taskId: string
  readonly node: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly detail: string
  readonly cause: unknown
}> {
  override get message(): string {
    const record = `${this.topic}-${this.partition} at offset ${this.offset}`
    return `task ${this.taskId}: ${this.reason} in ${this.node}, record ${record}: ${this.detail}`
  }
}

/**
 * What was thrown while a record was under way, as a failure of its task.
 *
 * @since 0.1.0
 */
export const taskError = (cause: unknown, taskId: string, context: Context): TaskError => {
  if (cause instanceof TaskError) return cause
  const { node, offset, partition, topic } = context
  return new TaskError({
    reason: reasonOf(cause),
    taskId,
    node,
    topic,
    partition,
    offset,
    detail: detailOf(cause),
    cause
  })
}

const reasonOf = (cause: unknown): TaskError["reason"] => {
  const tag = typeof cause === "object" && cause !== null && "_tag" in cause ? cause._tag : undefined
  return tag === "SerdeError"
    ? "Serialize"
    : tag === "RecordError" || tag === "CompressionError"
    ? "Deserialize"
    : tag === "StoreEngineError"
    ? "State"
    : "UserCode"
}

/**
 * The topology has something that this release does not execute.
 *
 * @since 0.1.0
 */
export class UnsupportedTopology extends Data.TaggedError("UnsupportedTopology")<{
  readonly node: string
  readonly kind: string
  readonly hint: string
}> {
  override get message(): string {
    return `${this.kind} is not executed yet (${this.node}); ${this.hint}`
  }
}

/**
 * What an exception says, for people.
 *
 * @since 0.1.0
 */
export const detailOf = (cause: unknown): string => {
  if (cause instanceof Error) return cause.message === "" ? cause.name : cause.message
  return typeof cause === "object" ? Formatter.format(cause) : String(cause)
}
