/**
 * The sink: serialises a record and hands it to the output.
 *
 * Keeps true: a partitioner of the author's decides alone; else a windowed key is partitioned by its inner key where the sink
 * says so; a null key and other keys are left to the default partitioner.
 * Leaves to others: batching, sending, acknowledgements (the output).
 *
 * @since 0.1.0
 */
import { murmur2Range } from "@millrace/core/hash/Murmur2"
import type { Erased } from "@millrace/core/serde/Erased"
import * as Serde from "@millrace/core/serde/Serde"
import type { SinkNode, StreamPartitioner, TopicOf } from "@millrace/core/streams/ResolvedTopology"
import { unknownPartition } from "../../../producer/ProducerError.ts"
import type { ErrorHandling } from "../errors/ErrorHandling.ts"
import * as ChangeBytes from "../stores/ChangeBytes.ts"
import type { Context, Headers, Output, Partitions, Step } from "../Flow.ts"

/**
 * Makes the step of a sink.
 *
 * @since 0.1.0
 */
export const make = (node: SinkNode, context: Context, output: Output, errors: ErrorHandling): Step => {
  const { key: keySerde, name, partitioner } = node
  const topicOf = typeof node.topic === "string" ? undefined : node.topic
  const fixed = typeof node.topic === "string" ? node.topic : ""
  const suffix = partitioner === undefined && node.byInnerKey === true ? keySerde.partitionSuffixBytes : 0
  const toBytes = node.value._tag === "Serde"
    ? ((serde: Serde.Any) => (value: unknown) => Serde.toBytesUnsafe(serde, value))(node.value)
    : ((serde: Serde.Any) => (value: unknown, old: unknown) => ChangeBytes.serializeUnsafe(serde, value, old))(
      node.value.inner
    )
  return (key, value, old, timestamp, headers) => {
    context.node = name
    const topic = topicOf === undefined ? fixed : chosen(topicOf, context, key, value, timestamp, headers)
    const count = partitioner !== undefined || suffix > 0 ? output.partitionCount(topic) : -1
    const isLate = count === 0 && output.sendLate !== undefined
    const asked = partitioner === undefined || isLate ? -1 : ask(partitioner, context, topic, key, value, count)
    if (asked === nobody) return
    const keyBytes = Serde.toBytesUnsafe(keySerde, key)
    const bytes = toBytes(value, old)
    if (isLate) {
      const later = errors.later(name, { topic, key, value }, timestamp, headers, (known) =>
        partitioner === undefined
          ? byInnerKey(keyBytes, suffix, known)
          : ask(partitioner, context, topic, key, value, known))
      output.sendLate(topic, later, keyBytes, bytes, timestamp, headers)
    } else if (typeof asked === "number") {
      const partition = suffix === 0 ? asked : byInnerKey(keyBytes, suffix, count)
      output.send(topic, partition, keyBytes, bytes, timestamp, headers)
    } else {
      for (const partition of asked) output.send(topic, partition, keyBytes, bytes, timestamp, headers)
    }
    // as Kafka: what was sent needs no dead letter, and is not kept for one
    context.rawKey = null
    context.rawValue = null
  }
}

/** Where a record goes that is dropped. */
const nobody: ReadonlyArray<number> = []

/** What the author's partitioner says: existing partitions, each once; -1 if it leaves it to the default one. */
const ask = (
  partitioner: StreamPartitioner<Erased, Erased>,
  context: Context,
  topic: string,
  key: unknown,
  value: unknown,
  count: number
): Partitions => {
  const answer = partitioner(topic, key, value, count)
  if (answer === undefined) return -1
  if (typeof answer === "number") return existing(topic, answer, count)
  if (answer.length === 0) {
    context.dropped++
    return nobody
  }
  return [...new Set(answer)].map((partition) => existing(topic, partition, count))
}

const existing = (topic: string, partition: number, count: number): number => {
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition
  throw unknownPartition(topic, partition, count)
}

const byInnerKey = (keyBytes: Uint8Array | null, suffix: number, count: number): number =>
  keyBytes === null ? -1 : (murmur2Range(keyBytes, 0, keyBytes.length - suffix) & 0x7fffffff) % count

const chosen = (
  topicOf: TopicOf,
  { offset, partition, topic }: Context,
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: Headers
): string => topicOf({ key, value, timestamp, headers, source: { topic, partition, offset } })
