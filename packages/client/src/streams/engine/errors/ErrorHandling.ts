/**
 * What becomes of a record that cannot be read, processed or written: the app's handlers are asked, dead letters are sent,
 * and the record is dropped and counted, or the task fails.
 *
 * Keeps true: what a handler lets pass is dropped at the node where it failed, its siblings go on, as in Kafka; failures of
 * effects and of the cluster are no handler's business; an app without handlers pays nothing.
 * Leaves to others: what the app says (`ExceptionHandlers`), what a dead letter looks like (`DeadLetters`).
 *
 * @since 0.1.0
 */
import { ProducerError } from "../../../producer/ProducerError.ts"
import type { Context, Headers, Output, Partitions, Step } from "../Flow.ts"
import { TaskError, taskError } from "../TaskError.ts"
import * as DeadLetters from "./DeadLetters.ts"
import type { ErrorHandlerContext, ExceptionHandlers, Response, Verdict } from "./ExceptionHandlers.ts"

/**
 * A fetched record, as far as it is known when it cannot be read.
 *
 * @since 0.1.0
 */
export interface Unreadable {
  readonly node: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly headers: Headers
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** What a sink was given; the topic is undefined if it was to be chosen. */
interface Unwritten {
  readonly topic: string | undefined
  readonly key: unknown
  readonly value: unknown
}

/** Whether a record cannot be sent because of what it is or where it should go, and not because of how the cluster is. */
const isUnsendable = (cause: unknown): boolean =>
  cause instanceof ProducerError && (cause.reason === "TooLarge" || cause.reason === "UnknownPartition")

const isSerdeError = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === "SerdeError"

/**
 * The handling of one task.
 *
 * @since 0.1.0
 */
export class ErrorHandling {
  readonly taskId: string
  private readonly handlers: ExceptionHandlers
  private readonly context: Context
  private readonly output: Output
  /** Whether raw keys and values must be at hand for as long as their record is processed. */
  readonly keepsRaw: boolean
  /** Whether a failing node has more to do than to fail. */
  private readonly isGuarding: boolean
  private readonly guardsSinks: boolean

  constructor(options: {
    readonly taskId: string
    readonly handlers?: ExceptionHandlers | undefined
    readonly context: Context
    readonly output: Output
  }) {
    const { context, handlers = {}, output, taskId } = options
    const { deadLetterQueueTopic, processingExceptionHandler: processing, productionExceptionHandler: production } =
      handlers
    this.taskId = taskId
    this.handlers = handlers
    this.context = context
    this.output = output
    this.isGuarding = deadLetterQueueTopic !== undefined || (processing !== undefined && processing !== "fail")
    this.guardsSinks = production !== undefined
    this.keepsRaw = this.isGuarding || typeof production === "function"
  }

  /** Whether a null where a topic has none is a failure; if not, it is dropped and counted without a word. */
  get refusesNull(): boolean {
    return this.handlers.deserializationExceptionHandler !== undefined
  }

  /** For a record that cannot be deserialised: throws `TaskError`, or has dropped it. */
  unreadableUnsafe(record: Unreadable, detail: string, error: unknown): void {
    const { deserializationExceptionHandler: handler = "fail" } = this.handlers
    const { headers, key, node: processorNodeId, offset, partition, timestamp, topic, value } = record
    const where: ErrorHandlerContext = {
      topic,
      partition,
      offset,
      timestamp,
      headers,
      processorNodeId,
      taskId: this.taskId,
      sourceRawKey: key,
      sourceRawValue: value
    }
    const response = typeof handler === "string" ? handler : handler(where, { key, value }, error)
    if (this.settle(response, where, error) === "continue") return
    const { taskId } = this
    throw new TaskError({
      reason: "Deserialize",
      taskId,
      node: record.node,
      topic,
      partition,
      offset,
      detail,
      cause: error
    })
  }

  /** The step of a node, so that what it throws is handled. */
  guard(node: string, step: Step): Step {
    if (!this.isGuarding) return step
    return (key, value, old, timestamp, headers) => {
      try {
        step(key, value, old, timestamp, headers)
      } catch (cause) {
        this.failedUnsafe(node, { key, value }, timestamp, headers, cause)
      }
    }
  }

  /** The step of a sink into `topic` (undefined: it is chosen per record), so that what it cannot write is handled. */
  guardSink(node: string, topic: string | undefined, step: Step): Step {
    if (!this.isGuarding && !this.guardsSinks) return step
    return (key, value, old, timestamp, headers) => {
      try {
        step(key, value, old, timestamp, headers)
      } catch (cause) {
        this.unwrittenUnsafe({ topic, key, value }, () => this.whereOf(node, timestamp, headers), cause)
      }
    }
  }

  /**
   * What a sink does when the topic of a record is known at last, so that a partition that it does not have is handled as if
   * the record were still under way.
   */
  later(
    node: string,
    record: Unwritten,
    timestamp: number,
    headers: Headers,
    partitionsOf: (partitionCount: number) => Partitions
  ): (partitionCount: number) => Partitions {
    if (!this.guardsSinks) return partitionsOf
    const where = this.whereOf(node, timestamp, headers)
    return (partitionCount) => {
      try {
        return partitionsOf(partitionCount)
      } catch (cause) {
        this.unwrittenUnsafe(record, () => where, cause)
        return []
      }
    }
  }

  /** For a record that a sink could not write: throws, or has dropped it. */
  private unwrittenUnsafe(record: Unwritten, where: () => ErrorHandlerContext, cause: unknown): void {
    const error = cause instanceof TaskError ? cause.cause : cause
    const isOwn = isUnsendable(error) || (this.guardsSinks && isSerdeError(error))
    if (!isOwn) throw cause
    const { productionExceptionHandler: handler = "fail" } = this.handlers
    const at = where()
    const response = typeof handler === "string" ? handler : handler(at, record, error)
    if (this.settle(response, at, error) === "fail") throw taskError(cause, this.taskId, this.context)
  }

  /** An output whose refusals no node takes for its own. */
  guardOutput(output: Output): Output {
    if (!this.isGuarding && !this.guardsSinks) return output
    return {
      // `sendLate` is kept: what waits for its topic is refused, if at all, when no node is under way
      ...output,
      send: (topic, partition, key, value, timestamp, headers) => {
        try {
          output.send(topic, partition, key, value, timestamp, headers)
        } catch (cause) {
          throw taskError(cause, this.taskId, this.context)
        }
      }
    }
  }

  /** For what a node has thrown (`record` undefined: in a punctuation): throws `TaskError`, or has dropped the record. */
  failedUnsafe(
    node: string,
    record: { readonly key: unknown; readonly value: unknown } | undefined,
    timestamp: number,
    headers: Headers,
    cause: unknown
  ): void {
    if (cause instanceof TaskError) throw cause
    const { processingExceptionHandler: handler = "fail" } = this.handlers
    const where = this.whereOf(node, timestamp, headers)
    const response = typeof handler === "string" ? handler : handler(where, record, cause)
    if (this.settle(response, where, cause) === "continue") return
    this.context.node = node
    throw taskError(cause, this.taskId, this.context)
  }

  private whereOf(processorNodeId: string, timestamp: number, headers: Headers): ErrorHandlerContext {
    const { context: { offset, partition, rawKey, rawValue, topic }, taskId } = this
    return {
      topic: topic === "" ? null : topic,
      partition,
      offset,
      timestamp,
      headers,
      processorNodeId,
      taskId,
      sourceRawKey: rawKey,
      sourceRawValue: rawValue
    }
  }

  private settle(response: Response, where: ErrorHandlerContext, error: unknown): Verdict {
    const { deadLetterQueueTopic: topic } = this.handlers
    const letters = typeof response === "object"
      ? response.deadLetters
      : topic === undefined
      ? []
      : [DeadLetters.make(topic, where, error)]
    for (const { headers, key, timestamp, topic, value } of letters) {
      this.output.send(topic, -1, key, value, timestamp, headers)
    }
    const verdict = typeof response === "object" ? response.verdict : response
    if (verdict === "continue") this.context.dropped++
    return verdict
  }
}
