/**
 * Typed records out of a chunk.
 *
 * Keeps true: the loop over records is synchronous; keys and values are decoded once. A null value is a value only if
 * the topic's serde says so.
 *
 * @since 0.1.0
 */
import { CompressionError } from "@millrace/core/records/Compression"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import { RecordError } from "@millrace/core/records/RecordError"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import { keyOf } from "../cluster/TopicPartition.ts"
import { ConsumerError } from "./ConsumerError.ts"
import { ChunkCursor, type RecordChunk } from "./RecordChunk.ts"

/**
 * A record as it was read. `timestamp` is milliseconds, -1 if there is none.
 *
 * @since 0.1.0
 */
export interface ConsumerRecord<out K, out V> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: K | null
  readonly value: V
  readonly headers: ReadonlyArray<RecordHeader>
}

const decodeUnsafe = <K, V>(topic: Topic.Topic<K, V>, chunk: RecordChunk): Array<ConsumerRecord<K, V>> => {
  const cursor = new ChunkCursor(chunk)
  const { record } = cursor
  const { partition, topic: name } = chunk
  const { key: keySerde, value: valueSerde } = topic
  const isKeyText = isText(keySerde)
  const isValueText = isText(valueSerde)
  const records: Array<ConsumerRecord<K, V>> = []
  while (cursor.next()) {
    const key = isKeyText ? record.keyString() : Serde.fromBytesUnsafe(keySerde, record.key())
    const value = isValueText ? record.valueString() : Serde.fromBytesUnsafe(valueSerde, record.value())
    if (value === null && !valueSerde.isNullable) throw tombstone(chunk, record.offset)
    records.push({
      topic: name,
      partition,
      offset: record.offset,
      timestamp: record.timestamp,
      // What the string serde reads is a string: the shortcut gives what the serde would.
      key: key as K | null,
      value: value as V,
      headers: record.headers()
    })
  }
  return records
}

const isText = (serde: Serde.Any): boolean => serde === Serde.string

/**
 * All records of a chunk, or the first thing that is wrong with them.
 *
 * @since 0.1.0
 */
export const decode = <K, V>(
  topic: Topic.Topic<K, V>,
  chunk: RecordChunk
): Effect.Effect<ReadonlyArray<ConsumerRecord<K, V>>, ConsumerError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(decodeUnsafe(topic, chunk))
    } catch (error) {
      if (error instanceof ConsumerError) return Effect.fail(error)
      if (error instanceof Serde.SerdeError) return Effect.fail(undecodable(chunk, error))
      if (error instanceof RecordError || error instanceof CompressionError) return Effect.fail(corrupt(chunk, error))
      return Effect.die(error)
    }
  })

const tombstone = (chunk: RecordChunk, offset: number) =>
  new ConsumerError({
    reason: "UndecodableRecord",
    detail: `${keyOf(chunk.topic, chunk.partition)} at offset ${offset}: the value is null`,
    hint: "give the topic a Serde.nullable value if it may have tombstones"
  })

const undecodable = (chunk: RecordChunk, cause: Serde.SerdeError) =>
  new ConsumerError({
    reason: "UndecodableRecord",
    detail: `${keyOf(chunk.topic, chunk.partition)} from offset ${chunk.offset} on: ${cause.message}`,
    hint: "read the topic with the serdes it was written with",
    cause
  })

const corrupt = (chunk: RecordChunk, cause: Error) =>
  new ConsumerError({
    reason: "CorruptRecord",
    detail: `${keyOf(chunk.topic, chunk.partition)} from offset ${chunk.offset} on: ${cause.message}`,
    hint: "look at the log, or seek past it",
    cause
  })
