/**
 * What an app says of records that cannot be read, processed or written (KIP-1033, KIP-1034): whether it goes on, and where
 * such records are kept.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"

/**
 * What a handler decides: the task fails, or the record is dropped, counted, and the task goes on.
 *
 * @since 0.1.0
 */
export type Verdict = "fail" | "continue"

/**
 * Where it happened (Kafka's `ErrorHandlerContext`). `topic` is null, partition and offset are -1 in a punctuation. The raw
 * key and value are those of the source record; null once the record has been sent to a sink, or if there is none.
 *
 * @since 0.1.0
 */
export interface ErrorHandlerContext {
  readonly topic: string | null
  readonly partition: number
  readonly offset: number
  /** Milliseconds. */
  readonly timestamp: number
  readonly headers: Headers
  /** The name of the node. */
  readonly processorNodeId: string
  readonly taskId: string
  readonly sourceRawKey: Uint8Array | null
  readonly sourceRawValue: Uint8Array | null
}

/**
 * A record that a handler wants to be kept elsewhere.
 *
 * @since 0.1.0
 */
export interface DeadLetter {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Milliseconds. */
  readonly timestamp: number
  readonly headers: Headers
}

/**
 * What a handler answers: a verdict, with the dead letter that `deadLetterQueueTopic` asks for; or a verdict and its own.
 *
 * @since 0.1.0
 */
export type Response = Verdict | { readonly verdict: Verdict; readonly deadLetters: ReadonlyArray<DeadLetter> }

/**
 * For records that cannot be deserialised.
 *
 * @since 0.1.0
 */
export type DeserializationExceptionHandler = (
  context: ErrorHandlerContext,
  record: { readonly key: Uint8Array | null; readonly value: Uint8Array | null },
  error: unknown
) => Response

/**
 * For what a function of the topology throws. `record` is what the node was given; undefined in a punctuation.
 *
 * @since 0.1.0
 */
export type ProcessingExceptionHandler = (
  context: ErrorHandlerContext,
  record: { readonly key: unknown; readonly value: unknown } | undefined,
  error: unknown
) => Response

/**
 * For records that a sink cannot serialise, that are too large to be sent, or for which a partitioner chooses a partition that
 * their topic does not have; and, at least once, for those that the broker refuses as too large for their topic or invalid.
 * Of these `record` has the bytes, and the context has the sink and what the record has, for its task has gone on.
 *
 * @since 0.1.0
 */
export type ProductionExceptionHandler = (
  context: ErrorHandlerContext,
  record: { readonly topic: string | undefined; readonly key: unknown; readonly value: unknown },
  error: unknown
) => Response

/**
 * What an app says. Names and meanings are Kafka's.
 *
 * @since 0.1.0
 */
export interface ExceptionHandlers {
  /**
   * Kafka's `deserialization.exception.handler`. When left out, bytes that do not fit fail, and a null where the topic has
   * none is dropped and counted.
   */
  readonly deserializationExceptionHandler?: Verdict | DeserializationExceptionHandler | undefined
  /** Kafka's `processing.exception.handler`: `fail` when left out. Effects that fail are not its business. */
  readonly processingExceptionHandler?: Verdict | ProcessingExceptionHandler | undefined
  /**
   * Kafka's `processing.exception.handler.global.enabled`: whether that handler is asked about processors of global stores, too
   * (false: they fail the app). They have no dead letters.
   */
  readonly processingExceptionHandlerGlobalEnabled?: boolean | undefined
  /**
   * Kafka's `production.exception.handler`. When left out, what a sink cannot serialise is the processing handler's
   * business, and what cannot be sent fails.
   */
  readonly productionExceptionHandler?: Verdict | ProductionExceptionHandler | undefined
  /** Where dead letters go (Kafka's `errors.dead.letter.queue.topic.name`); the topic must exist. */
  readonly deadLetterQueueTopic?: string | undefined
}
