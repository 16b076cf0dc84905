/**
 * Messages of magic 0 and 1, as logs and clients from before Kafka 0.11 hold them. Read only.
 *
 * ```
 * 0 offset int64, 8 size int32, 12 crc uint32, 16 magic int8, 17 attributes int8, [18 timestamp int64: magic 1]
 * key (length int32, bytes), value (length int32, bytes)
 * ```
 *
 * A compressed message is a wrapper: its value holds messages. Inner offsets of magic 1 count from the wrapper's, which
 * is that of the last one.
 * Keeps true: hostile bytes end in `RecordError` or `CompressionError`.
 *
 * @since 0.1.0
 */
import { crc32 } from "../hash/Crc32.ts"
import type * as Compression from "./Compression.ts"
import { readInt32, readInt64 } from "./Int64.ts"
import * as Lz4 from "./Lz4.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { corruptBatch, invalidRecord } from "./RecordError.ts"

/**
 * One record: its places in `bytes`; a length of -1 is null.
 *
 * @since 0.1.0
 */
export interface LegacyRecord {
  readonly bytes: Uint8Array
  readonly offset: number
  readonly timestamp: number
  readonly keyStart: number
  readonly keyLength: number
  readonly valueStart: number
  readonly valueLength: number
  readonly sizeInBytes: number
}

const codecLz4 = 3

/**
 * The size of a message without key and value, with offset and size fields.
 *
 * @since 0.1.0
 */
export const overheadBytes = (magic: number): number => magic === 0 ? 26 : 34

/**
 * The codec id of the message at `at`.
 *
 * @since 0.1.0
 */
export const codec = (bytes: Uint8Array, at: number): number => bytes[at + 17]! & RecordBatch.attributeBits.codecMask

/**
 * The timestamp field of the message at `at`, -1 for magic 0.
 *
 * @since 0.1.0
 */
export const timestamp = (bytes: Uint8Array, at: number): number =>
  RecordBatch.magic(bytes, at) === 0 ? RecordBatch.noTimestamp : readInt64(bytes, at + 18)

/**
 * What the timestamp says; magic 0 has none.
 *
 * @since 0.1.0
 */
export const timestampType = (bytes: Uint8Array, at: number): RecordBatch.TimestampType | "NoTimestampType" =>
  RecordBatch.magic(bytes, at) === 0
    ? "NoTimestampType"
    : (bytes[at + 17]! & RecordBatch.attributeBits.logAppendTime) === 0
    ? "CreateTime"
    : "LogAppendTime"

/**
 * The stored CRC-32, unsigned.
 *
 * @since 0.1.0
 */
export const crc = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 12) >>> 0

/**
 * Whether the message is large enough to be one and its checksum (CRC-32 from `magic` on) is right.
 *
 * @since 0.1.0
 */
export const isValidCrc = (bytes: Uint8Array, at: number): boolean => {
  const size = RecordBatch.sizeInBytes(bytes, at)
  return size >= overheadBytes(0) && crc(bytes, at) === crc32(bytes, at + RecordBatch.magicAt, at + size)
}

/**
 * The records of the message at `at`, which must be whole: one, or those that it wraps.
 *
 * @since 0.1.0
 */
export const decodeUnsafe = (
  bytes: Uint8Array,
  at: number,
  codecs: Compression.Codecs,
  maxBytes?: number
): ReadonlyArray<LegacyRecord> => {
  const wrapper = messageUnsafe(bytes, at)
  const codecId = codec(bytes, at)
  if (codecId === 0) return [wrapper]
  if (wrapper.valueLength < 0) throw invalidRecord("a compressed message has no value")
  const packed = bytes.subarray(wrapper.valueStart, wrapper.valueStart + wrapper.valueLength)
  const magic = RecordBatch.magic(bytes, at)
  // Kafka's first lz4 frames (magic 0) carry another header checksum than the format says.
  const payload = magic === 0 && codecId === codecLz4 ? Lz4.repairHeaderChecksumUnsafe(packed) : packed
  return innerUnsafe(codecs.decompressUnsafe(codecId, payload, maxBytes), wrapper, magic, timestampType(bytes, at))
}

const messageUnsafe = (bytes: Uint8Array, at: number): LegacyRecord => {
  const magic = RecordBatch.magic(bytes, at)
  const sizeInBytes = RecordBatch.sizeInBytes(bytes, at)
  const end = at + sizeInBytes
  if (sizeInBytes < overheadBytes(magic) || end > bytes.length) {
    throw corruptBatch(`a message of ${sizeInBytes} bytes is too small or cut short`)
  }
  const keyStart = at + overheadBytes(magic) - 4
  const keyLength = lengthUnsafe(bytes, keyStart - 4, end)
  const valueStart = keyStart + Math.max(keyLength, 0) + 4
  const valueLength = lengthUnsafe(bytes, valueStart - 4, end)
  const offset = readInt64(bytes, at)
  return { bytes, offset, timestamp: timestamp(bytes, at), keyStart, keyLength, valueStart, valueLength, sizeInBytes }
}

const lengthUnsafe = (bytes: Uint8Array, at: number, end: number): number => {
  const length = at + 4 > end ? 0x7fffffff : readInt32(bytes, at)
  if (at + 4 + Math.max(length, 0) > end) throw invalidRecord("a key or value is longer than its message")
  return length < 0 ? -1 : length
}

const innerUnsafe = (
  bytes: Uint8Array,
  wrapper: LegacyRecord,
  magic: number,
  type: RecordBatch.TimestampType | "NoTimestampType"
): ReadonlyArray<LegacyRecord> => {
  const inner: Array<LegacyRecord> = []
  for (let at = 0; at < bytes.length; at += RecordBatch.sizeInBytes(bytes, at)) {
    if (at + RecordBatch.magicAt + 2 > bytes.length || RecordBatch.magic(bytes, at) !== magic) {
      throw invalidRecord("a compressed message holds something else than messages of its own magic")
    }
    if (codec(bytes, at) !== 0) throw invalidRecord("a compressed message holds a compressed message")
    inner.push(messageUnsafe(bytes, at))
  }
  const last = inner.at(-1)
  if (last === undefined) throw invalidRecord("a compressed message holds no messages")
  // Some old producers leave the wrapper's offset 0: then the inner ones stand as they are.
  const shift = magic === 0 || wrapper.offset === 0 ? 0 : wrapper.offset - last.offset
  return inner.map((record) => ({
    ...record,
    offset: record.offset + shift,
    timestamp: type === "LogAppendTime" ? wrapper.timestamp : record.timestamp
  }))
}
