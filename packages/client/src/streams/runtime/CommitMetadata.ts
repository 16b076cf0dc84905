/**
 * What is committed beside an offset, in Kafka Streams' bytes (`TopicPartitionMetadata`, version 2): how far the time of the
 * partition has come, and what processors have to remember (up to when they have emitted closed windows, by store).
 *
 * Keeps true: what cannot be read counts as nothing, as in Kafka.
 *
 * @since 0.1.0
 */
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import * as Message from "@millrace/core/protocol/Message"
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type { RecordQueue } from "../engine/RecordQueue.ts"
import type { Task } from "../engine/Task.ts"

/**
 * What is remembered. `partitionTime` is -1 if there is none.
 *
 * @since 0.1.0
 */
export interface CommitMetadata {
  readonly partitionTime: number
  readonly processors: ReadonlyMap<string, number>
}

const version = 2
const text = new TextEncoder()

/**
 * The text to commit.
 *
 * @since 0.1.0
 */
export const encode = ({ partitionTime, processors }: CommitMetadata): string => {
  const writer = new ByteWriter()
  writer.int8(version)
  writer.int64(partitionTime)
  if (processors.size > 0) writer.int32(processors.size)
  for (const [name, value] of processors) {
    const bytes = text.encode(name)
    writer.int32(bytes.length)
    writer.bytes(bytes)
    writer.int64(value)
  }
  return Base64.encode(writer.toBytes())
}

/**
 * Reads what was committed.
 *
 * @since 0.1.0
 */
export const decode = (metadata: string | undefined): CommitMetadata => {
  const nothing: CommitMetadata = { partitionTime: -1, processors: new Map() }
  if (metadata === undefined || metadata === "") return nothing
  return Base64.decode(metadata).pipe(
    Result.flatMap((bytes) => Message.attempt(() => read(new ByteReader(bytes)))),
    Result.getOrElse(() => nothing)
  )
}

const read = (reader: ByteReader): CommitMetadata => {
  const given = reader.int8()
  const processors = new Map<string, number>()
  if (given < 1 || given > version) return { partitionTime: -1, processors }
  const partitionTime = reader.int64()
  const count = given < version || reader.remaining === 0 ? 0 : reader.int32()
  for (let i = 0; i < count; i++) {
    const name = reader.string(reader.int32())
    processors.set(name, reader.int64())
  }
  return { partitionTime, processors }
}

/**
 * What a task says with the offset of one of its queues.
 *
 * @since 0.1.0
 */
export const of = ({ context }: Task, { partitionTime }: RecordQueue): string =>
  encode({ partitionTime, processors: context.processorMetadata })

/**
 * Lets a task remember what was said with the offset at which one of its queues begins.
 *
 * @since 0.1.0
 */
export const remember = ({ context }: Task, queue: RecordQueue, metadata: string | undefined): void => {
  const { partitionTime, processors } = decode(metadata)
  queue.partitionTime = partitionTime
  context.streamTime = Math.max(context.streamTime, partitionTime)
  for (const [name, value] of processors) {
    context.processorMetadata.set(name, Math.max(value, context.processorMetadata.get(name) ?? -1))
  }
}
