/**
 * Records of one batch, one after the other, decoded only as far as they are looked at.
 *
 * Keeps true: nothing is allocated per record until `key`, `value` or `headers` is called; keys and values are views,
 * valid as long as the batch's bytes are. A record that the cursor stands on is structurally sound, headers included.
 * Timestamps follow the batch: with log-append time every record has the batch's `maxTimestamp`.
 * Leaves to others: where batches begin and end (`Records`), checksums (`RecordBatch.isValidCrc`), codecs (`Compression`).
 *
 * @since 0.1.0
 */
import * as Utf8 from "../protocol/Utf8.ts"
import type * as Compression from "./Compression.ts"
import * as LegacyRecords from "./LegacyRecords.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { corruptBatch, invalidRecord } from "./RecordError.ts"
import * as Varint from "./Varint.ts"

/**
 * A header of a record. Keys may repeat.
 *
 * @since 0.1.0
 */
export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

const noHeaders: ReadonlyArray<RecordHeader> = []
const noBytes = new Uint8Array(0)

/**
 * A cursor over the records of a batch, to be used again for the next one.
 *
 * ```ts
 * const cursor = new RecordCursor(compression)
 * cursor.openUnsafe(bytes, at)
 * while (cursor.next()) total += cursor.valueLength
 * ```
 *
 * `openUnsafe` and `next` throw `RecordError` (and `openUnsafe` `CompressionError`) for bytes that are not records, and
 * nothing else; `Records.attempt` turns that into a `Result`.
 *
 * @since 0.1.0
 */
export class RecordCursor {
  /** The bytes that the positions below refer to: the batch's own, or its decompressed records. */
  bytes: Uint8Array = noBytes
  offset = 0
  timestamp = 0
  sequence = -1
  keyStart = 0
  /** -1 for a null key. */
  keyLength = -1
  valueStart = 0
  /** -1 for a null value. */
  valueLength = -1
  headerCount = 0
  /** The size of the record in the (decompressed) batch, in bytes, its length field included. */
  sizeInBytes = 0

  private headersStart = 0
  private position = 0
  private end = 0
  private index = 0
  private count = 0
  private baseOffset = 0
  private baseTimestamp = 0
  private appendTime = 0
  private isAppendTime = false
  private baseSequence = -1
  private legacy: ReadonlyArray<LegacyRecords.LegacyRecord> | undefined = undefined
  private readonly codecs: Compression.Codecs
  private readonly maxBytes: number | undefined

  /** `maxBytes` bounds what one batch may expand to (`limits.decompressedBatchMaxBytes` when left out). */
  constructor(codecs: Compression.Codecs, maxBytes?: number) {
    this.codecs = codecs
    this.maxBytes = maxBytes
  }

  /** Stands before the first record of the batch at `at`, any magic. */
  openUnsafe(bytes: Uint8Array, at: number): void {
    this.count = 0
    this.legacy = undefined
    if (at + RecordBatch.magicAt >= bytes.length) throw corruptBatch("the bytes end within the batch")
    const size = RecordBatch.sizeInBytes(bytes, at)
    if (at + size > bytes.length) throw corruptBatch("the bytes end within the batch")
    const magic = RecordBatch.magic(bytes, at)
    if (magic === RecordBatch.magicCurrent) {
      if (size < RecordBatch.headerSizeBytes) throw corruptBatch(`a batch of ${size} bytes is smaller than its header`)
      this.openCurrent(bytes, at, size)
    } else {
      if (magic !== 0 && magic !== 1) throw corruptBatch(`no format has magic ${magic}`)
      this.legacy = LegacyRecords.decodeUnsafe(bytes, at, this.codecs, this.maxBytes)
      this.index = 0
      this.count = this.legacy.length
    }
  }

  /** Stands before the first record of a batch whose records have been decompressed before, `records`. */
  openDecompressedUnsafe(header: Uint8Array, at: number, records: Uint8Array): void {
    const count = RecordBatch.recordsCount(header, at)
    if (count < 0) throw invalidRecord(`the batch states ${count} records`)
    this.legacy = undefined
    this.index = 0
    this.count = count
    this.bytes = records
    this.position = 0
    this.end = records.length
    this.baseOffset = RecordBatch.baseOffset(header, at)
    this.baseTimestamp = RecordBatch.baseTimestamp(header, at)
    this.isAppendTime = RecordBatch.isLogAppendTime(header, at)
    this.appendTime = RecordBatch.maxTimestamp(header, at)
    this.baseSequence = RecordBatch.baseSequence(header, at)
  }

  private openCurrent(bytes: Uint8Array, at: number, size: number): void {
    const codec = RecordBatch.codec(bytes, at)
    const start = at + RecordBatch.headerSizeBytes
    // Kafka takes a batch of no records for an empty one, whatever follows its header.
    if (codec === 0 || RecordBatch.recordsCount(bytes, at) <= 0) {
      this.openDecompressedUnsafe(bytes, at, bytes)
      this.position = start
      this.end = at + size
    } else {
      const records = this.codecs.decompressUnsafe(codec, bytes.subarray(start, at + size), this.maxBytes)
      this.openDecompressedUnsafe(bytes, at, records)
    }
  }

  /** Moves to the next record; false when there is none. */
  next(): boolean {
    if (this.index >= this.count) return false
    if (this.legacy !== undefined) return this.nextLegacy(this.legacy[this.index++]!)
    const bytes = this.bytes
    const start = this.position
    const size = Varint.readUnsafe(bytes, start, this.end)
    let at = Varint.end
    const end = at + size
    if (end > this.end || size < 1) throw invalidRecord(`a record of ${size} bytes does not fit its batch`)
    const timestampDelta = Varint.read64Unsafe(bytes, at + 1, end)
    const offsetDelta = Varint.readUnsafe(bytes, Varint.end, end)
    const keyLength = Varint.readUnsafe(bytes, Varint.end, end)
    at = Varint.end
    this.keyStart = at
    this.keyLength = keyLength < 0 ? -1 : keyLength
    if (keyLength > 0) at += keyLength
    const valueLength = Varint.readUnsafe(bytes, at, end)
    at = Varint.end
    this.valueStart = at
    this.valueLength = valueLength < 0 ? -1 : valueLength
    if (valueLength > 0) at += valueLength
    const headerCount = Varint.readUnsafe(bytes, at, end)
    at = Varint.end
    this.headersStart = at
    this.headerCount = headerCount
    if (headerCount !== 0) at = skipHeaders(bytes, at, end, headerCount)
    if (at !== end) throw invalidRecord(`a record of ${size} bytes holds ${size + at - end}`)
    if (++this.index === this.count && end !== this.end) {
      this.index--
      throw invalidRecord("bytes are left after the last record")
    }
    this.sizeInBytes = end - start
    this.offset = this.baseOffset + offsetDelta
    this.timestamp = this.isAppendTime ? this.appendTime : this.baseTimestamp + timestampDelta
    this.sequence = this.baseSequence < 0 ? -1 : RecordBatch.incrementSequence(this.baseSequence, offsetDelta)
    this.position = end
    return true
  }

  private nextLegacy(record: LegacyRecords.LegacyRecord): boolean {
    this.bytes = record.bytes
    this.offset = record.offset
    this.timestamp = record.timestamp
    this.sequence = -1
    this.keyStart = record.keyStart
    this.keyLength = record.keyLength
    this.valueStart = record.valueStart
    this.valueLength = record.valueLength
    this.headerCount = 0
    this.sizeInBytes = record.sizeInBytes
    return true
  }

  /** A view of the key. */
  key(): Uint8Array | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyStart, this.keyStart + this.keyLength)
  }

  /** A view of the value. */
  value(): Uint8Array | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueStart, this.valueStart + this.valueLength)
  }

  /** The key as text. */
  keyString(): string | null {
    return this.keyLength < 0 ? null : Utf8.read(this.bytes, this.keyStart, this.keyStart + this.keyLength)
  }

  /** The value as text. */
  valueString(): string | null {
    return this.valueLength < 0 ? null : Utf8.read(this.bytes, this.valueStart, this.valueStart + this.valueLength)
  }

  /** The headers in their order; their values are views. */
  headers(): ReadonlyArray<RecordHeader> {
    if (this.headerCount === 0) return noHeaders
    const bytes = this.bytes
    const headers: Array<RecordHeader> = []
    let at = this.headersStart
    for (let index = 0; index < this.headerCount; index++) {
      const keyLength = Varint.readUnsafe(bytes, at, bytes.length)
      const keyEnd = Varint.end + keyLength
      const key = Utf8.read(bytes, Varint.end, keyEnd)
      const valueLength = Varint.readUnsafe(bytes, keyEnd, bytes.length)
      at = Varint.end
      headers.push({ key, value: valueLength < 0 ? null : bytes.subarray(at, at + valueLength) })
      if (valueLength > 0) at += valueLength
    }
    return headers
  }
}

const skipHeaders = (bytes: Uint8Array, at: number, end: number, count: number): number => {
  // A header takes two bytes at least: no loop runs longer than the record is.
  if (count < 0 || count > end - at) throw invalidRecord(`a record of this size cannot have ${count} headers`)
  for (let index = 0; index < count; index++) {
    const keyLength = Varint.readUnsafe(bytes, at, end)
    if (keyLength < 0) throw invalidRecord(`a header key has ${keyLength} bytes`)
    const valueLength = Varint.readUnsafe(bytes, Varint.end + keyLength, end)
    at = Varint.end
    if (valueLength > 0) at += valueLength
  }
  return at
}
