/**
 * The record that stands for one that failed: its raw key and value, its headers, and headers that say what happened, under
 * Kafka's names (KIP-1034).
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import { detailOf } from "../TaskError.ts"
import type { DeadLetter, ErrorHandlerContext } from "./ExceptionHandlers.ts"

const text = new TextEncoder()

const header = (name: string, value: string | null): RecordHeader => ({
  key: `__streams.errors.${name}`,
  value: value === null ? null : text.encode(value)
})

/** Kafka's class of what our serdes throw, so that who sorts dead letters by class need not know who wrote them. */
const serializationException = "org.apache.kafka.common.errors.SerializationException"

const classOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  return "_tag" in error && error._tag === "SerdeError" ? serializationException : error.name
}

/**
 * The dead letter of a record.
 *
 * @since 0.1.0
 */
export const make = (topic: string, context: ErrorHandlerContext, error: unknown): DeadLetter => ({
  topic,
  key: context.sourceRawKey,
  value: context.sourceRawValue,
  timestamp: context.timestamp,
  headers: [
    ...context.headers,
    header("exception", classOf(error)),
    header("message", detailOf(error)),
    header("stacktrace", error instanceof Error ? error.stack ?? "" : ""),
    header("topic", context.topic),
    header("partition", String(context.partition)),
    header("offset", String(context.offset))
  ]
})
