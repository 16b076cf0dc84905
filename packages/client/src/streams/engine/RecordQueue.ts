/**
 * The records of one partition that a task has fetched and not yet processed, the first one ready to be processed.
 *
 * Keeps true: the head is deserialised and has a valid timestamp; what cannot become a head is dropped and counted, or
 * fails, as the handlers say; offsets leave in order, and `committable` never passes a record that was not processed.
 * Leaves to others: fetching, pausing, which queue goes first (`PartitionGroup`).
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type { SourceNode } from "@millrace/core/streams/ResolvedTopology"
import * as ChangeBytes from "./stores/ChangeBytes.ts"
import type { ErrorHandling } from "./errors/ErrorHandling.ts"
import type { Context, Headers, Step } from "./Flow.ts"
import { contentBytes } from "./metrics/RecordSize.ts"
import type { Sensor, Tally } from "./metrics/Sensor.ts"
import type { TaskMeasures } from "./metrics/TaskMeasures.ts"
import { detailOf, TaskError } from "./TaskError.ts"

/**
 * A fetched record (`RecordCursor` is one); keys and values may be views.
 *
 * @since 0.1.0
 */
export interface RawRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: () => Uint8Array | null
  readonly value: () => Uint8Array | null
  readonly headers: () => Headers
}

/**
 * A walk over fetched records of one partition (`ChunkCursor` is one): after `next` has returned true, `record` is the next
 * one.
 *
 * @since 0.1.0
 */
export interface RawRecords {
  readonly next: () => boolean
  readonly record: RawRecord
}

/**
 * Fetched records, and where their partition goes on after them.
 *
 * @since 0.1.0
 */
export interface RawChunk {
  readonly cursor: () => RawRecords
  readonly nextOffset: number
  readonly leaderEpoch: number
  readonly sizeInBytes: number
}

/**
 * What a queue is told about failures and time, and what measures it.
 *
 * @since 0.1.0
 */
export interface Policy {
  readonly errors: ErrorHandling
  readonly measures: TaskMeasures
  readonly currentTimeMillis: () => number
  /** Whether processors may change the headers of a record in place, so that each needs its own. */
  readonly hasMutableHeaders: boolean
}

/**
 * The queue of one partition.
 *
 * @since 0.1.0
 */
export class RecordQueue {
  readonly topic: string
  readonly partition: number
  readonly step: Step
  private readonly source: SourceNode
  private readonly context: Context
  private readonly policy: Policy
  private readonly chunks: Array<{ readonly chunk: RawChunk; readonly records: RawRecords }> = []
  /** The size of the fetched records that are not all processed yet. */
  sizeInBytes = 0
  /** How many records were processed, and the size of their keys, values and headers. */
  processed = 0
  processedBytes = 0
  /** The leader epoch of the record processed last, -1 if unknown. */
  leaderEpoch = -1
  /** Where the partition goes on after all that was added; before anything was, where it begins: -1 if unknown. */
  position = -1
  /** Records at the broker after `position`, as far as the last fetch told; -1 if unknown. */
  lag = -1
  /** The largest timestamp of a record that was processed. */
  partitionTime = -1
  hasHead = false
  headTimestamp = -1
  private headOffset = -1
  private headBytes = 0
  private headKey: unknown = null
  private headValue: unknown = null
  private headOld: unknown = null
  private headHeaders: Headers = []
  private headRawKey: Uint8Array | null = null
  private headRawValue: Uint8Array | null = null
  private isTouched = false
  private readonly measures: TaskMeasures
  private readonly age: Tally
  private readonly counted: Sensor | undefined

  constructor(options: {
    readonly topic: string
    readonly partition: number
    readonly source: SourceNode
    readonly step: Step
    readonly context: Context
    readonly policy: Policy
  }) {
    this.topic = options.topic
    this.partition = options.partition
    this.source = options.source
    this.step = options.step
    this.context = options.context
    this.policy = options.policy
    this.measures = options.policy.measures
    this.age = this.measures.ageAt(options.source.name)
    this.counted = this.measures.processedAt(options.source.name)
  }

  /** Tells where the partition begins, before anything was added: what is before it is done. */
  beginAt(offset: number): void {
    if (this.position < 0) this.position = offset
  }

  /** Takes fetched records, after all that were taken before. */
  addUnsafe(chunk: RawChunk): void {
    this.chunks.push({ chunk, records: chunk.cursor() })
    this.sizeInBytes += chunk.sizeInBytes
    this.position = chunk.nextOffset
    if (!this.hasHead) this.advanceUnsafe()
  }

  /** The name of the source node. */
  get node(): string {
    return this.source.name
  }

  /** The offset of the record that is processed next, or would be; -1 while it is not known where the partition begins. */
  get nextOffset(): number {
    return this.hasHead ? this.headOffset : this.position
  }

  /** The offset to commit: all before it are done. Undefined if nothing was processed or dropped since the start. */
  get committable(): number | undefined {
    return this.isTouched ? this.nextOffset : undefined
  }

  /** Takes the head through the topology; its failures are thrown. */
  processHeadUnsafe(): void {
    const context = this.context
    context.topic = this.topic
    context.partition = this.partition
    context.offset = this.headOffset
    context.rawKey = this.headRawKey
    context.rawValue = this.headRawValue
    const timestamp = this.headTimestamp
    context.timestamp = timestamp
    context.headers = this.headHeaders
    if (timestamp > context.streamTime) context.streamTime = timestamp
    if (timestamp > this.partitionTime) this.partitionTime = timestamp
    const { measures } = this
    this.age.add(measures.nowMs - timestamp)
    if (this.counted !== undefined) {
      this.counted.record(measures.nowMs, 1)
      measures.noteTaken(timestamp)
    }
    this.step(this.headKey, this.headValue, this.headOld, timestamp, this.headHeaders)
    context.node = this.source.name
    this.processed++
    this.processedBytes += this.headBytes
    this.advanceUnsafe()
  }

  private advanceUnsafe(): void {
    if (this.hasHead) this.isTouched = true
    this.hasHead = false
    while (this.chunks.length > 0) {
      const { chunk, records } = this.chunks[0]!
      this.leaderEpoch = chunk.leaderEpoch
      while (records.next()) {
        if (this.takeUnsafe(records.record)) {
          this.hasHead = true
          return
        }
        this.isTouched = true
      }
      this.sizeInBytes -= chunk.sizeInBytes
      this.chunks.shift()
    }
  }

  /** Makes the record the head; false if it is dropped. */
  private takeUnsafe(record: RawRecord): boolean {
    const source = this.source
    this.headOffset = record.offset
    this.headHeaders = record.headers()
    if (this.policy.hasMutableHeaders && this.headHeaders.length === 0) this.headHeaders = []
    const keyBytes = record.key()
    const bytes = record.value()
    // as Kafka, for which null has a size of -1 when it is read
    this.headBytes = contentBytes(keyBytes, bytes, this.headHeaders, -1)
    try {
      this.headKey = Serde.fromBytesUnsafe(source.key, keyBytes)
      this.headOld = null
      if (source.value._tag === "Serde") {
        this.headValue = Serde.fromBytesUnsafe(source.value, bytes)
      } else if (bytes === null) {
        this.headValue = null
      } else {
        const change = ChangeBytes.deserializeUnsafe(source.value.inner, bytes)
        this.headValue = change.newValue
        this.headOld = change.oldValue
      }
    } catch (cause) {
      return this.unreadableUnsafe(record, detailOf(cause), cause)
    }
    if (source.nullValue === "Drop" && this.headValue === null) {
      if (this.policy.errors.refusesNull) {
        const detail = "the value is null, and its serde is not nullable"
        return this.unreadableUnsafe(record, detail, new TypeError(detail))
      }
      this.context.dropped++
      return false
    }
    if (this.policy.errors.keepsRaw) {
      this.headRawKey = record.key()
      this.headRawValue = record.value()
    }
    return this.stampUnsafe(record.timestamp)
  }

  private stampUnsafe(own: number): boolean {
    const { timestampExtractor: extractor, name } = this.source
    let timestamp = own
    switch (extractor._tag) {
      case "WallClock":
        timestamp = this.policy.currentTimeMillis()
        break
      case "Custom": {
        const { headHeaders: headers, headKey: key, headOffset: offset, headValue: value, partition, topic } = this
        const record = { topic, partition, offset, timestamp: own, key, value, headers }
        timestamp = extractor.extract(record, this.partitionTime)
        if (!Number.isSafeInteger(timestamp)) {
          throw this.error("Timestamp", name, `the extractor's timestamp ${timestamp} is no whole number`, undefined)
        }
        break
      }
      case "UsePartitionTimeOnInvalid":
        if (own < 0) timestamp = this.partitionTime
        if (timestamp < 0) {
          throw this.error("Timestamp", name, "the timestamp is negative and no record came before", undefined)
        }
        break
      case "Default":
      case "FailOnInvalid":
        if (own < 0) throw this.error("Timestamp", name, `the timestamp ${own} is negative`, undefined)
        break
      case "LogAndSkipOnInvalid":
        break
    }
    if (timestamp < 0) {
      this.context.dropped++
      return false
    }
    this.headTimestamp = timestamp
    return true
  }

  private unreadableUnsafe(record: RawRecord, detail: string, cause: unknown): false {
    const { headHeaders: headers, partition, source: { name: node }, topic } = this
    const { offset, timestamp } = record
    const key = record.key()
    const value = record.value()
    this.policy.errors.unreadableUnsafe(
      { node, topic, partition, offset, timestamp, headers, key, value },
      detail,
      cause
    )
    return false
  }

  private error(reason: TaskError["reason"], node: string, detail: string, cause: unknown): TaskError {
    const { headOffset: offset, partition, policy: { errors: { taskId } }, topic } = this
    return new TaskError({ reason, taskId, node, topic, partition, offset, detail, cause })
  }
}
