/**
 * The sink: serialises a record and hands it to the output.
 *
 * Keeps true: a windowed key is partitioned by its inner key; a null key and other keys are left to the default partitioner.
 * Leaves to others: batching, sending, acknowledgements (the output).
 *
 * @since 0.1.0
 */
import { murmur2Range } from "@millrace/core/hash/Murmur2"
import * as Serde from "@millrace/core/serde/Serde"
import type { SinkNode, TopicOf } from "@millrace/core/streams/ResolvedTopology"
import * as ChangeBytes from "../stores/ChangeBytes.ts"
import type { Context, Headers, Output, Step } from "../Flow.ts"

/**
 * Makes the step of a sink.
 *
 * @since 0.1.0
 */
export const make = (node: SinkNode, context: Context, output: Output): Step => {
  const { key: keySerde, name, partition: partitionOf } = node
  const topicOf = typeof node.topic === "string" ? undefined : node.topic
  const fixed = typeof node.topic === "string" ? node.topic : ""
  const suffix = keySerde.partitionSuffixBytes
  const toBytes = node.value._tag === "Serde"
    ? ((serde: Serde.Any) => (value: unknown) => Serde.toBytesUnsafe(serde, value))(node.value)
    : ((serde: Serde.Any) => (value: unknown, old: unknown) => ChangeBytes.serializeUnsafe(serde, value, old))(
      node.value.inner
    )
  return (key, value, old, timestamp, headers) => {
    context.node = name
    const topic = topicOf === undefined ? fixed : chosen(topicOf, context, key, value, timestamp, headers)
    const keyBytes = Serde.toBytesUnsafe(keySerde, key)
    const bytes = toBytes(value, old)
    const choosesPartition = partitionOf !== undefined || (suffix > 0 && keyBytes !== null)
    const count = choosesPartition ? output.partitionCount(topic) : 0
    if (choosesPartition && count === 0 && output.sendLate !== undefined) {
      const later = (known: number) => partitionFor(partitionOf, key, value, keyBytes, suffix, known)
      output.sendLate(topic, later, keyBytes, bytes, timestamp, headers)
    } else {
      const partition = choosesPartition ? partitionFor(partitionOf, key, value, keyBytes, suffix, count) : -1
      output.send(topic, partition, keyBytes, bytes, timestamp, headers)
    }
    // as Kafka: what was sent needs no dead letter, and is not kept for one
    context.rawKey = null
    context.rawValue = null
  }
}

/** The partition among `count`; -1 if the default partitioner decides. */
const partitionFor = (
  partitionOf: SinkNode["partition"],
  key: unknown,
  value: unknown,
  keyBytes: Uint8Array | null,
  suffix: number,
  count: number
): number => {
  const given = partitionOf?.(key, value, count)
  if (given !== undefined) return given
  if (suffix === 0 || keyBytes === null) return -1
  return (murmur2Range(keyBytes, 0, keyBytes.length - suffix) & 0x7fffffff) % count
}

const chosen = (
  topicOf: TopicOf,
  { offset, partition, topic }: Context,
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: Headers
): string => topicOf({ key, value, timestamp, headers, source: { topic, partition, offset } })
