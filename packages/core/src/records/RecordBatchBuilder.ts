/**
 * Records appended one after the other into one growing buffer, then finished into a batch.
 *
 * Keeps true: nothing is allocated per record; without a codec the batch is byte for byte what Kafka writes. `build`
 * leaves the builder empty, and the bytes that it returns are the caller's alone.
 * Leaves to others: how many records make a batch, offsets and sequences, codecs (`Compression`).
 *
 * @since 0.1.0
 */
import * as Utf8 from "../protocol/Utf8.ts"
import * as Compression from "./Compression.ts"
import * as RecordBatch from "./RecordBatch.ts"
import type { RecordHeader } from "./RecordCursor.ts"
import * as Varint from "./Varint.ts"

/**
 * How a batch is finished. What is left out is what a client without idempotence writes: offset 0, no producer.
 *
 * @since 0.1.0
 */
export interface BuildOptions {
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly transactional?: boolean
  readonly control?: boolean
  /** The codec of the records; none when left out. */
  readonly compression?: Compression.Codec
  /** The codec's level; its default when left out. */
  readonly level?: number | undefined
  readonly timestampType?: RecordBatch.TimestampType
  /** The batch's `maxTimestamp`, with log-append time or for a batch without records; milliseconds. */
  readonly maxTimestamp?: number
  /** The last offset less the base offset, where it is not that of the last record (after compaction). */
  readonly lastOffsetDelta?: number
}

const initialBytesDefault = 16 * 1024
/** A buffer that has grown beyond this is not kept for the next batch. */
const keptMaxBytes = 2 * 1024 * 1024
/** Above this, the ratios that are learned go up at once; below, they sink slowly: as in Kafka's estimator. */
const ratioStepUp = 0.05
const ratioStepDown = 0.005
/** What Kafka adds to an estimate, so that a batch seldom exceeds its limit. */
const ratioMargin = 1.05

/**
 * A builder of batches, to be used again and again.
 *
 * ```ts
 * const builder = new RecordBatchBuilder(compression)
 * builder.append(now, "key", "value")
 * const batch = builder.build({ compression: Codec.zstd })
 * ```
 *
 * @since 0.1.0
 */
export class RecordBatchBuilder {
  /** The records appended since the last `build` or `reset`. */
  recordsCount = 0
  /** The largest timestamp appended, -1 if there is none. */
  maxTimestamp: number = RecordBatch.noTimestamp
  /** The largest offset delta appended, -1 if there is none. */
  lastOffsetDelta = -1

  private bytes: Uint8Array
  private readonly initialBytes: number
  private position = RecordBatch.headerSizeBytes
  private baseTimestamp: number = RecordBatch.noTimestamp
  private hasDeleteHorizon = false
  private readonly ratios = [1, 1, 1, 1, 1]
  private readonly codecs: Compression.Codecs

  constructor(codecs: Compression.Codecs = Compression.uncompressed, initialBytes: number = initialBytesDefault) {
    this.codecs = codecs
    this.initialBytes = Math.max(initialBytes, RecordBatch.headerSizeBytes)
    this.bytes = new Uint8Array(this.initialBytes)
  }

  /** The size of the batch as it is, uncompressed, header included. */
  get sizeInBytes(): number {
    return this.position
  }

  /** What the batch would take with a codec, judged by the batches built before. */
  estimatedSizeInBytes(codec: Compression.Codec): number {
    if (codec === Compression.Codec.none) return this.position
    const records = this.position - RecordBatch.headerSizeBytes
    return RecordBatch.headerSizeBytes + Math.ceil(records * this.ratios[codec]! * ratioMargin)
  }

  /** The most that a record can add to `sizeInBytes`; for strings, three bytes are assumed for each unit. */
  static recordSizeMaxBytes(
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers?: ReadonlyArray<RecordHeader>
  ): number {
    let size = 36 + sizeMax(key) + sizeMax(value)
    if (headers !== undefined) {
      for (const header of headers) {
        size += 10 + sizeMax(header.key) + sizeMax(header.value)
      }
    }
    return size
  }

  /** Forgets what was appended. With a delete horizon (milliseconds) the batch will carry it as its base timestamp. */
  reset(deleteHorizon?: number): void {
    if (this.bytes.length > Math.max(keptMaxBytes, this.initialBytes)) this.bytes = new Uint8Array(this.initialBytes)
    this.recordsCount = 0
    this.maxTimestamp = RecordBatch.noTimestamp
    this.lastOffsetDelta = -1
    this.position = RecordBatch.headerSizeBytes
    this.hasDeleteHorizon = deleteHorizon !== undefined
    this.baseTimestamp = deleteHorizon ?? RecordBatch.noTimestamp
  }

  /** Appends a record at the next offset. Timestamps are milliseconds. */
  append(
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers?: ReadonlyArray<RecordHeader>
  ): void {
    this.appendAt(this.lastOffsetDelta + 1, timestamp, key, value, headers)
  }

  /** Appends a record at an offset delta of its own, for batches with gaps. */
  appendAt(
    offsetDelta: number,
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers?: ReadonlyArray<RecordHeader>
  ): void {
    if (this.recordsCount === 0 && !this.hasDeleteHorizon) this.baseTimestamp = timestamp
    const timestampDelta = timestamp - this.baseTimestamp
    const keyLength = lengthOf(key)
    const valueLength = lengthOf(value)
    const size = 1 + Varint.size64(timestampDelta) + Varint.size(offsetDelta) +
      sizeOfField(keyLength) + sizeOfField(valueLength) + (headers === undefined ? 1 : sizeOfHeaders(headers))
    let at = this.position
    const end = at + Varint.size(size) + size
    if (end > this.bytes.length) this.grow(end)
    const bytes = this.bytes
    at = Varint.write(bytes, at, size)
    bytes[at] = 0
    at = Varint.write64(bytes, at + 1, timestampDelta)
    at = Varint.write(bytes, at, offsetDelta)
    at = writeField(bytes, at, key, keyLength)
    at = writeField(bytes, at, value, valueLength)
    if (headers === undefined) bytes[at] = 0
    else writeHeaders(bytes, at, headers)
    this.position = end
    this.recordsCount++
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
    if (offsetDelta > this.lastOffsetDelta) this.lastOffsetDelta = offsetDelta
  }

  /**
   * Finishes the batch and begins the next one. Throws `CompressionError` if the codec is not there. The bytes are the
   * caller's, and no larger than the batch.
   */
  build(options: BuildOptions = {}): Uint8Array {
    const codec = options.compression ?? Compression.Codec.none
    const batch = codec === Compression.Codec.none || this.recordsCount === 0
      ? this.bytes.slice(0, this.position)
      : this.pack(codec, options)
    const isLogAppendTime = options.timestampType === "LogAppendTime"
    RecordBatch.writeHeader(batch, 0, {
      baseOffset: options.baseOffset ?? 0,
      batchLength: batch.length - RecordBatch.logOverheadBytes,
      partitionLeaderEpoch: options.partitionLeaderEpoch ?? RecordBatch.noPartitionLeaderEpoch,
      attributes: this.attributes(codec, options),
      lastOffsetDelta: options.lastOffsetDelta ?? Math.max(this.lastOffsetDelta, 0),
      baseTimestamp: this.baseTimestamp,
      maxTimestamp: isLogAppendTime || this.recordsCount === 0
        ? options.maxTimestamp ?? this.maxTimestamp
        : this.maxTimestamp,
      producerId: options.producerId ?? RecordBatch.noProducerId,
      producerEpoch: options.producerEpoch ?? RecordBatch.noProducerEpoch,
      baseSequence: options.baseSequence ?? RecordBatch.noSequence,
      recordsCount: this.recordsCount
    }, this.codecs.crc32c)
    this.reset()
    return batch
  }

  private attributes(codec: Compression.Codec, options: BuildOptions): number {
    const bits = RecordBatch.attributeBits
    return codec |
      (options.timestampType === "LogAppendTime" ? bits.logAppendTime : 0) |
      (options.transactional === true ? bits.transactional : 0) |
      (options.control === true ? bits.control : 0) |
      (this.hasDeleteHorizon ? bits.deleteHorizon : 0)
  }

  private pack(codec: Compression.Codec, options: BuildOptions): Uint8Array {
    const header = RecordBatch.headerSizeBytes
    const packed = this.codecs.compressUnsafe(codec, this.bytes.subarray(header, this.position), options.level)
    const batch = new Uint8Array(header + packed.length)
    batch.set(packed, header)
    const ratio = packed.length / (this.position - header)
    const known = this.ratios[codec]!
    this.ratios[codec] = ratio > known ? Math.max(known + ratioStepUp, ratio) : Math.max(known - ratioStepDown, ratio)
    return batch
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.position))
    this.bytes = grown
  }
}

const sizeMax = (field: Uint8Array | string | null): number =>
  field === null ? 0 : typeof field === "string" ? field.length * 3 : field.length

const lengthOf = (field: Uint8Array | string | null): number =>
  field === null ? -1 : typeof field === "string" ? Utf8.byteLength(field) : field.length

const sizeOfField = (length: number): number => Varint.size(length) + (length > 0 ? length : 0)

const sizeOfHeaders = (headers: ReadonlyArray<RecordHeader>): number => {
  let size = Varint.size(headers.length)
  for (const header of headers) size += sizeOfField(lengthOf(header.key)) + sizeOfField(lengthOf(header.value))
  return size
}

/** Up to this many bytes a loop copies faster than a call. */
const copyLoopMaxBytes = 24

const writeField = (bytes: Uint8Array, at: number, field: Uint8Array | string | null, length: number): number => {
  at = Varint.write(bytes, at, length)
  if (length <= 0) return at
  if (typeof field === "string") return writeText(bytes, at, field, length)
  if (length <= copyLoopMaxBytes) { for (let index = 0; index < length; index++) bytes[at + index] = field![index]! }
  else bytes.set(field!, at)
  return at + length
}

const encoder = new TextEncoder()

/**
 * Where a string is ASCII, the encoder and Kafka agree, and above some length the encoder is faster. A lone surrogate
 * takes one byte, too, but the encoder would write three.
 */
const writeText = (bytes: Uint8Array, at: number, text: string, length: number): number => {
  if (length !== text.length || length <= copyLoopMaxBytes || !text.isWellFormed()) return Utf8.write(text, bytes, at)
  encoder.encodeInto(text, bytes.subarray(at, at + length))
  return at + length
}

const writeHeaders = (bytes: Uint8Array, at: number, headers: ReadonlyArray<RecordHeader>): number => {
  at = Varint.write(bytes, at, headers.length)
  for (const header of headers) {
    at = writeField(bytes, at, header.key, lengthOf(header.key))
    at = writeField(bytes, at, header.value, lengthOf(header.value))
  }
  return at
}
