/**
 * What flows through a task, and what its processors share: the shape of a step, headers, and the context of the record
 * under way.
 *
 * Keeps true: one record is taken through all of its descendants, depth first, before the next begins; nothing is allocated
 * for passing it on. A table's `Change` travels as two arguments: `value` is the new value, `old` the old one.
 * Leaves to others: where records come from (`PartitionGroup`) and go to (`Output`).
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import { ownBytes } from "./stores/BytesMap.ts"

/**
 * The headers of a record, in order.
 *
 * @since 0.1.0
 */
export type Headers = ReadonlyArray<RecordHeader>

/**
 * No headers.
 *
 * @since 0.1.0
 */
export const noHeaders: Headers = []

/**
 * A node, ready to run. For streams `old` is null and ignored; for tables `value` is the new value and `old` the old one.
 *
 * @since 0.1.0
 */
export type Step = (key: unknown, value: unknown, old: unknown, timestamp: number, headers: Headers) => void

/**
 * Partitions that a record goes to: one, -1 for that of the default partitioner, or several.
 *
 * @since 0.1.0
 */
export type Partitions = number | ReadonlyArray<number>

/**
 * Where sinks and changelogs go. `partition` -1: by the default partitioner. Synchronous: what it takes is buffered.
 *
 * `sendLate` takes records of topics that are not known yet (`partitionCount` 0): their partitions are chosen when they are. An
 * output without it knows all topics.
 *
 * @since 0.1.0
 */
export interface Output {
  readonly send: (
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers
  ) => void
  /** How many partitions a topic has; asked for by sinks that choose partitions themselves. */
  readonly partitionCount: (topic: string) => number
  readonly sendLate?: (
    topic: string,
    partitionsOf: (partitionCount: number) => Partitions,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers
  ) => void
}

/**
 * The record under way and what its task has seen; one per task, mutable, owned by the task.
 *
 * @since 0.1.0
 */
export interface Context {
  topic: string
  partition: number
  offset: number
  /** Bytes of the source record, where handlers of errors may ask for them, until it is sent to a sink; else null. */
  rawKey: Uint8Array | null
  rawValue: Uint8Array | null
  /** The timestamp and headers of the record that a processor of the author's has under way. */
  timestamp: number
  headers: Headers
  /** The node whose user code runs, or ran last. */
  node: string
  /** The largest timestamp that was taken from the task's queues; -1 before the first. */
  streamTime: number
  /** Whether the change under way is the latest of its key; false only below versioned stores. */
  isLatest: boolean
  /** What processors remember over a restart: it is committed with the offsets. */
  readonly processorMetadata: Map<string, number>
  /** Records dropped by operators and sources (Kafka's `dropped-records-total`). */
  dropped: number
}

/**
 * Where a record came from that is passed on later; its bytes, where handlers of errors may still ask for them.
 *
 * @since 0.1.0
 */
export interface Origin {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly rawKey?: Uint8Array | null
  readonly rawValue?: Uint8Array | null
}

/**
 * Where the record under way came from, to be kept.
 *
 * @since 0.1.0
 */
export const originOf = ({ offset, partition, rawKey, rawValue, topic }: Context): Origin => ({
  topic,
  partition,
  offset,
  rawKey: rawKey === null ? null : ownBytes(rawKey),
  rawValue: rawValue === null ? null : ownBytes(rawValue)
})

/**
 * A step after which the bytes of the record that is under way are still there, whatever was sent to a sink below.
 *
 * @since 0.1.0
 */
export const keepingRaw = (context: Context, step: Step): Step => (key, value, old, timestamp, headers) => {
  const { rawKey, rawValue } = context
  step(key, value, old, timestamp, headers)
  context.rawKey = rawKey
  context.rawValue = rawValue
}

/**
 * Calls `pass` as if the record that `held` came from were under way.
 *
 * @since 0.1.0
 */
export const withOrigin = <A>(context: Context, origin: Origin, held: A, pass: (held: A) => void): void => {
  const { offset, partition, rawKey, rawValue, topic } = context
  context.topic = origin.topic
  context.partition = origin.partition
  context.offset = origin.offset
  context.rawKey = origin.rawKey ?? null
  context.rawValue = origin.rawValue ?? null
  pass(held)
  context.topic = topic
  context.partition = partition
  context.offset = offset
  context.rawKey = rawKey
  context.rawValue = rawValue
}

/**
 * The context of a task that has seen nothing.
 *
 * @since 0.1.0
 */
export const makeContext = (): Context => ({
  topic: "",
  partition: -1,
  offset: -1,
  rawKey: null,
  rawValue: null,
  timestamp: -1,
  headers: noHeaders,
  node: "",
  streamTime: -1,
  processorMetadata: new Map(),
  isLatest: true,
  dropped: 0
})

/**
 * The end of the way.
 *
 * @since 0.1.0
 */
export const nowhere: Step = () => {}

/**
 * One step that does several, in order.
 *
 * @since 0.1.0
 */
export const sequence = (steps: ReadonlyArray<Step>): Step => {
  if (steps.length === 0) return nowhere
  if (steps.length === 1) return steps[0]!
  return (key, value, old, timestamp, headers) => {
    for (let i = 0; i < steps.length; i++) steps[i]!(key, value, old, timestamp, headers)
  }
}
