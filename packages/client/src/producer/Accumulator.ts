/**
 * Records on their way into batches, partition by partition.
 *
 * Keeps true: batches of a partition keep the order of their records; the bytes counted as buffered are those of
 * batches not yet settled.
 * Leaves to others: when and where to send them (`Sender`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type * as Compression from "@millrace/core/records/Compression"
import { type BuildOptions, RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import type { Clock } from "effect/Clock"
import * as Partitioner from "./Partitioner.ts"
import type { Acknowledgement } from "./ProducerCore.ts"
import { ProducerError, unknownPartition } from "./ProducerError.ts"

/**
 * What an accumulator is told once.
 *
 * @since 0.1.0
 */
export interface Settings {
  readonly batchBytes: number
  readonly bufferBytes: number
  readonly recordMaxBytes: number
  readonly compression: Compression.Codec
  readonly level: number | undefined
}

/** Records of a batch from number `from` on, one for each token, whose fate somebody is told of. */
interface Awaited {
  readonly acknowledgement: Acknowledgement
  readonly from: number
  readonly tokens: Array<number>
}

/**
 * A closed batch, from its first sending to its end. `bytes` are built when it is first sent.
 *
 * @since 0.1.0
 */
export class Batch {
  readonly queue: PartitionQueue
  readonly createdMs: number
  readonly recordsCount: number
  /** What it counts for in the buffer. */
  readonly bufferedBytes: number
  readonly maxTimestamp: number
  awaited: ReadonlyArray<Awaited>
  builder: RecordBatchBuilder | undefined
  bytes: Uint8Array | undefined
  /** -1 until it has one. */
  baseSequence = -1
  /** The order of first sending within the partition; 0 before it. */
  order = 0
  /** The broker it was sent to last. */
  nodeId = -1
  attempts = 0
  /** Not to be sent again before this time. */
  retryMs = 0
  /** Whether it was sent and may have been written, as nobody has said that it was not. */
  isUncertain = false
  isSettled = false
  /** Called when the batch has come to its end. */
  onSettled: Array<() => void> = []

  constructor(queue: PartitionQueue, open: OpenBatch, bytes?: Uint8Array) {
    this.queue = queue
    this.createdMs = open.createdMs
    this.awaited = open.awaited
    this.builder = bytes === undefined ? open.builder : undefined
    this.bytes = bytes
    this.recordsCount = bytes === undefined ? open.builder.recordsCount : RecordBatch.recordsCount(bytes, 0)
    this.maxTimestamp = bytes === undefined ? open.builder.maxTimestamp : RecordBatch.maxTimestamp(bytes, 0)
    this.bufferedBytes = open.bufferedBytes
  }
}

/** The batch that records are being appended to. */
interface OpenBatch {
  readonly builder: RecordBatchBuilder
  readonly createdMs: number
  awaited: Array<Awaited>
  bufferedBytes: number
}

/**
 * The batches of one partition.
 *
 * @since 0.1.0
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  open: OpenBatch | undefined
  /** Full or lingered enough, never sent. */
  ready: Array<Batch> = []
  /** Sent, not answered. */
  inFlight: Array<Batch> = []
  /** To be sent again, in order of sequence. */
  retry: Array<Batch> = []
  nextSequence = 0
  /** The offset after the last record that was acknowledged; -1 if none was, or the broker does not tell. */
  writtenEnd = -1
  /** A sequence is lost: the producer's epoch must be raised before anything more is sent. */
  isPoisoned = false

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get isEmpty(): boolean {
    return this.open === undefined && this.ready.length === 0 && this.inFlight.length === 0 && this.retry.length === 0
  }

  get waiting(): number {
    return this.ready.length + this.inFlight.length + this.retry.length
  }
}

/** A topic with the queues of its partitions. */
class TopicQueues {
  readonly queues: Array<PartitionQueue> = []
  readonly sticky: Partitioner.Sticky

  constructor(batchBytes: number) {
    this.sticky = new Partitioner.Sticky(batchBytes)
  }
}

/** Builders that are kept for use again; more are made and dropped as needed. */
const idleBuildersMax = 64

/**
 * All batches of a producer.
 *
 * @since 0.1.0
 */
export class Accumulator {
  readonly #settings: Settings
  readonly #codecs: Compression.Codecs
  readonly #clock: Clock
  readonly #random: () => number
  readonly #topics = new Map<string, TopicQueues>()
  readonly #idle: Array<RecordBatchBuilder> = []
  /** Queues that hold anything. */
  readonly active = new Set<PartitionQueue>()
  bufferedBytes = 0
  /** Called when there is a new batch to think of. */
  onBatch: () => void = () => {}

  constructor(settings: Settings, codecs: Compression.Codecs, clock: Clock, random: () => number) {
    this.#settings = settings
    this.#codecs = codecs
    this.#clock = clock
    this.#random = random
  }

  get hasRoom(): boolean {
    return this.bufferedBytes < this.#settings.bufferBytes
  }

  partitionCount(topic: string): number {
    return this.#topics.get(topic)?.queues.length ?? 0
  }

  /** The offset after the last record of a partition that was acknowledged; -1 if it is not known. */
  writtenEnd(topic: string, partition: number): number {
    return this.#topics.get(topic)?.queues[partition]?.writtenEnd ?? -1
  }

  /** Learns how many partitions a topic has; there are never fewer than before. */
  know(topic: string, partitions: number): void {
    let known = this.#topics.get(topic)
    if (known === undefined) {
      known = new TopicQueues(this.#settings.batchBytes)
      this.#topics.set(topic, known)
    }
    while (known.queues.length < partitions) known.queues.push(new PartitionQueue(topic, known.queues.length))
  }

  *queues(): Iterable<PartitionQueue> {
    for (const { queues } of this.#topics.values()) yield* queues
  }

  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: ReadonlyArray<RecordHeader> | undefined,
    acknowledgement: Acknowledgement | undefined,
    token: number
  ): void {
    const known = this.#topics.get(topic)
    if (known === undefined) throw unknownTopic(topic)
    let size = RecordBatchBuilder.recordSizeMaxBytes(key, value, headers)
    if (size > this.#settings.recordMaxBytes) {
      size = RecordBatchBuilder.recordSizeMaxBytes(toBytes(key), toBytes(value), headers)
    }
    if (size > this.#settings.recordMaxBytes) throw tooLarge(topic, size, this.#settings.recordMaxBytes)
    const queue = this.#queueOf(topic, known, partition, key)
    let open = queue.open
    if (open !== undefined && !this.#fits(open, size)) {
      this.close(queue)
      open = undefined
    }
    if (open === undefined) {
      open = this.#begin(queue)
      queue.open = open
      if (queue.ready.length === 0) this.onBatch()
    }
    const { builder } = open
    const before = builder.sizeInBytes
    builder.append(timestamp < 0 ? this.#clock.currentTimeMillisUnsafe() : timestamp, key, value, headers)
    const wrote = builder.sizeInBytes - before
    open.bufferedBytes += wrote
    this.bufferedBytes += wrote
    if (partition < 0 && key === null) known.sticky.wrote(wrote)
    if (acknowledgement !== undefined) this.#await(open, acknowledgement, token)
  }

  #await({ awaited, builder }: OpenBatch, acknowledgement: Acknowledgement, token: number): void {
    const last = awaited[awaited.length - 1]
    const index = builder.recordsCount - 1
    if (last !== undefined && last.acknowledgement === acknowledgement && last.from + last.tokens.length === index) {
      last.tokens.push(token)
    } else {
      awaited.push({ acknowledgement, from: index, tokens: [token] })
    }
  }

  #fits(open: OpenBatch, size: number): boolean {
    return open.builder.estimatedSizeInBytes(this.#settings.compression) + size <= this.#settings.batchBytes &&
      open.builder.sizeInBytes + size <= this.#settings.recordMaxBytes
  }

  #queueOf(
    topic: string,
    known: TopicQueues,
    partition: number,
    key: Uint8Array | string | null
  ): PartitionQueue {
    const { queues } = known
    if (partition >= 0) {
      const queue = queues[partition]
      if (queue === undefined) throw unknownPartition(topic, partition, queues.length)
      return queue
    }
    if (key !== null) return queues[Partitioner.partitionOfKey(key, queues.length)]!
    return queues[
      known.sticky.current(
        queues.length,
        () => Partitioner.choose(queues.map((queue) => queue.waiting), this.#random())
      )
    ]!
  }

  #begin(queue: PartitionQueue): OpenBatch {
    const createdMs = MonotonicTime.millisUnsafe(this.#clock)
    const builder = this.#idle.pop() ?? new RecordBatchBuilder(this.#codecs, this.#settings.batchBytes)
    this.active.add(queue)
    this.bufferedBytes += builder.sizeInBytes
    return { builder, createdMs, awaited: [], bufferedBytes: builder.sizeInBytes }
  }

  /** Ends the batch that records are appended to. */
  close(queue: PartitionQueue): void {
    if (queue.open === undefined) return
    queue.ready.push(new Batch(queue, queue.open))
    queue.open = undefined
    this.onBatch()
  }

  /** Builds the bytes of a batch for its first sending. */
  build(batch: Batch, options: BuildOptions): void {
    const { builder } = batch
    if (builder === undefined) return
    const { compression, level } = this.#settings
    batch.bytes = builder.build({ ...options, compression, level })
    batch.builder = undefined
    if (this.#idle.length < idleBuildersMax) this.#idle.push(builder)
  }

  /** Two batches in place of one that is too large for the broker; undefined if it has a single record. */
  split(batch: Batch, options: (baseSequence: number) => BuildOptions): readonly [Batch, Batch] | undefined {
    if (batch.recordsCount < 2 || batch.bytes === undefined) return undefined
    const cursor = new RecordCursor(this.#codecs)
    cursor.openUnsafe(batch.bytes, 0)
    const middle = batch.recordsCount >>> 1
    const half = (count: number, from: number): Batch => {
      const builder = new RecordBatchBuilder(this.#codecs, this.#settings.batchBytes)
      for (let i = 0; i < count && cursor.next(); i++) {
        builder.append(cursor.timestamp, cursor.key(), cursor.value(), cursor.headers())
      }
      const awaited = batch.awaited.flatMap((run) => {
        const first = Math.max(run.from, from)
        const end = Math.min(run.from + run.tokens.length, from + count)
        if (first >= end) return []
        const tokens = run.tokens.slice(first - run.from, end - run.from)
        return [{ acknowledgement: run.acknowledgement, from: first - from, tokens }]
      })
      const bufferedBytes = from === 0 ? batch.bufferedBytes >>> 1 : batch.bufferedBytes - (batch.bufferedBytes >>> 1)
      const baseSequence = batch.baseSequence < 0 ? -1 : RecordBatch.incrementSequence(batch.baseSequence, from)
      const { compression, level } = this.#settings
      const bytes = builder.build({ ...options(baseSequence), compression, level })
      const part = new Batch(batch.queue, { builder, createdMs: batch.createdMs, awaited, bufferedBytes }, bytes)
      part.baseSequence = baseSequence
      return part
    }
    const parts = [half(middle, 0), half(batch.recordsCount - middle, middle)] as const
    let open = 2
    for (const part of parts) {
      part.order = batch.order
      part.onSettled.push(() => {
        if (--open === 0) { for (const settled of batch.onSettled) settled() }
      })
    }
    batch.isSettled = true
    return parts
  }

  /** A batch has come to its end: its room is free again. */
  settle(batch: Batch): void {
    if (batch.isSettled) return
    batch.isSettled = true
    this.bufferedBytes -= batch.bufferedBytes
    if (batch.queue.isEmpty) this.active.delete(batch.queue)
    for (const settled of batch.onSettled) settled()
  }
}

const encoder = new TextEncoder()

const toBytes = (field: Uint8Array | string | null): Uint8Array | null =>
  typeof field === "string" ? encoder.encode(field) : field

const unknownTopic = (topic: string) =>
  new ProducerError({
    reason: "UnknownTopic",
    detail: `the partitions of topic ${topic} are not known`,
    hint: "prepare the topic first"
  })

const tooLarge = (topic: string, size: number, max: number) =>
  new ProducerError({
    reason: "TooLarge",
    detail: `a record for ${topic} may take ${size} bytes, more than ${max}`,
    hint: "raise maxRequestSize, and max.message.bytes of the topic"
  })
