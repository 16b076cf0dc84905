/**
 * The header of a record batch (magic 2), read and patched in place.
 *
 * ```
 *  0 baseOffset int64        21 attributes int16       43 producerId int64
 *  8 batchLength int32       23 lastOffsetDelta int32  51 producerEpoch int16
 * 12 partitionLeaderEpoch    27 baseTimestamp int64    53 baseSequence int32
 * 16 magic int8              35 maxTimestamp int64     57 recordsCount int32
 * 17 crc uint32                                        61 records
 * ```
 *
 * Keeps true: every function takes `(bytes, at)`, where the batch begins at `at`, and allocates nothing. The checksum
 * covers attributes to end, so `setBaseOffset` and `setPartitionLeaderEpoch` leave it alone; the other setters that
 * touch guarded fields recompute it.
 * Leaves to others: whether the bytes are there (`Records.nextBatchUnsafe`), the records (`RecordCursor`), magic 0 and 1
 * (`LegacyRecords`; only `baseOffset` as the offset field, `batchLength`, `sizeInBytes` and `magic` hold for them too).
 *
 * @since 0.1.0
 */
import * as Crc32c from "../hash/Crc32c.ts"
import { readInt16, readInt32, readInt64, readInt64Exact, writeInt16, writeInt32, writeInt64 } from "./Int64.ts"

/**
 * The size of a batch without records.
 *
 * @since 0.1.0
 */
export const headerSizeBytes = 61

/**
 * Base offset and length: what a batch has beyond its `batchLength`.
 *
 * @since 0.1.0
 */
export const logOverheadBytes = 12

/**
 * Where `magic` stands, in every version of the format.
 *
 * @since 0.1.0
 */
export const magicAt = 16

/**
 * Where `producerId` stands.
 *
 * @since 0.1.0
 */
export const producerIdAt = 43

/**
 * The magic of this format.
 *
 * @since 0.1.0
 */
export const magicCurrent = 2

/**
 * What stands where there is no producer id.
 *
 * @since 0.1.0
 */
export const noProducerId = -1

/**
 * What stands where there is no producer epoch.
 *
 * @since 0.1.0
 */
export const noProducerEpoch = -1

/**
 * What stands where there is no sequence.
 *
 * @since 0.1.0
 */
export const noSequence = -1

/**
 * What stands where there is no timestamp.
 *
 * @since 0.1.0
 */
export const noTimestamp = -1

/**
 * What stands where there is no partition leader epoch.
 *
 * @since 0.1.0
 */
export const noPartitionLeaderEpoch = -1

/**
 * The bits of `attributes`.
 *
 * @since 0.1.0
 */
export const attributeBits = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40
} as const

/**
 * What a record's timestamp says: when the producer made it, or when the broker appended it.
 *
 * @since 0.1.0
 */
export type TimestampType = "CreateTime" | "LogAppendTime"

const crcAt = 17
const attributesAt = 21

/**
 * The offset of the batch's first record, before any compaction.
 *
 * @since 0.1.0
 */
export const baseOffset = (bytes: Uint8Array, at: number): number => readInt64(bytes, at)

/**
 * `baseOffset` beyond 2^53, for tools.
 *
 * @since 0.1.0
 */
export const baseOffsetExact = (bytes: Uint8Array, at: number): bigint => readInt64Exact(bytes, at)

/**
 * The length field: bytes after itself.
 *
 * @since 0.1.0
 */
export const batchLength = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 8)

/**
 * The whole batch in bytes, header included.
 *
 * @since 0.1.0
 */
export const sizeInBytes = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 8) + logOverheadBytes

/**
 * The epoch of the leader that appended the batch; -1 from a client.
 *
 * @since 0.1.0
 */
export const partitionLeaderEpoch = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 12)

/**
 * The version of the format: 2 here.
 *
 * @since 0.1.0
 */
export const magic = (bytes: Uint8Array, at: number): number => (bytes[at + magicAt]! << 24) >> 24

/**
 * The stored CRC-32C, unsigned.
 *
 * @since 0.1.0
 */
export const crc = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + crcAt) >>> 0

/**
 * The attributes as they stand, signed.
 *
 * @since 0.1.0
 */
export const attributes = (bytes: Uint8Array, at: number): number => readInt16(bytes, at + attributesAt)

/**
 * The id of the codec of the records, 0 to 7 (5 to 7 name none).
 *
 * @since 0.1.0
 */
export const codec = (bytes: Uint8Array, at: number): number => bytes[at + 22]! & attributeBits.codecMask

/**
 * Whether timestamps are the producer's or the broker's.
 *
 * @since 0.1.0
 */
export const timestampType = (bytes: Uint8Array, at: number): TimestampType =>
  isLogAppendTime(bytes, at) ? "LogAppendTime" : "CreateTime"

/**
 * Whether every record's timestamp is `maxTimestamp`.
 *
 * @since 0.1.0
 */
export const isLogAppendTime = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 22]! & attributeBits.logAppendTime) !== 0

/**
 * Whether the batch is part of a transaction.
 *
 * @since 0.1.0
 */
export const isTransactional = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 22]! & attributeBits.transactional) !== 0

/**
 * Whether the batch holds a control record (`ControlRecord`) instead of data.
 *
 * @since 0.1.0
 */
export const isControl = (bytes: Uint8Array, at: number): boolean => (bytes[at + 22]! & attributeBits.control) !== 0

/**
 * Whether `baseTimestamp` is the time from which the cleaner may drop the batch's tombstones.
 *
 * @since 0.1.0
 */
export const hasDeleteHorizon = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 22]! & attributeBits.deleteHorizon) !== 0

/**
 * The last offset less the base offset, before any compaction.
 *
 * @since 0.1.0
 */
export const lastOffsetDelta = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 23)

/**
 * The offset of the batch's last record, before any compaction.
 *
 * @since 0.1.0
 */
export const lastOffset = (bytes: Uint8Array, at: number): number => baseOffset(bytes, at) + lastOffsetDelta(bytes, at)

/**
 * The offset after the batch.
 *
 * @since 0.1.0
 */
export const nextOffset = (bytes: Uint8Array, at: number): number => lastOffset(bytes, at) + 1

/**
 * The timestamp that the records' deltas count from (the delete horizon, if there is one). Milliseconds.
 *
 * @since 0.1.0
 */
export const baseTimestamp = (bytes: Uint8Array, at: number): number => readInt64(bytes, at + 27)

/**
 * The largest timestamp of the batch, -1 if there is none. Milliseconds.
 *
 * @since 0.1.0
 */
export const maxTimestamp = (bytes: Uint8Array, at: number): number => readInt64(bytes, at + 35)

/**
 * The id of the idempotent producer, -1 if there is none.
 *
 * @since 0.1.0
 */
export const producerId = (bytes: Uint8Array, at: number): number => readInt64(bytes, at + producerIdAt)

/**
 * `producerId` beyond 2^53, for tools.
 *
 * @since 0.1.0
 */
export const producerIdExact = (bytes: Uint8Array, at: number): bigint => readInt64Exact(bytes, at + producerIdAt)

/**
 * The epoch of the idempotent producer, -1 if there is none.
 *
 * @since 0.1.0
 */
export const producerEpoch = (bytes: Uint8Array, at: number): number => readInt16(bytes, at + 51)

/**
 * The sequence of the batch's first record, -1 if there is none.
 *
 * @since 0.1.0
 */
export const baseSequence = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 53)

/**
 * The sequence of the batch's last record, -1 if there is none.
 *
 * @since 0.1.0
 */
export const lastSequence = (bytes: Uint8Array, at: number): number => {
  const base = baseSequence(bytes, at)
  return base === noSequence ? noSequence : incrementSequence(base, lastOffsetDelta(bytes, at))
}

/**
 * The number of records that the header states; it may be wrong.
 *
 * @since 0.1.0
 */
export const recordsCount = (bytes: Uint8Array, at: number): number => readInt32(bytes, at + 57)

/**
 * The sequence `increment` after `sequence`: 0 comes after 2^31-1.
 *
 * @since 0.1.0
 */
export const incrementSequence = (sequence: number, increment: number): number =>
  sequence > 0x7fffffff - increment ? increment - (0x7fffffff - sequence) - 1 : sequence + increment

/**
 * The CRC-32C of the batch as it is now.
 *
 * @since 0.1.0
 */
export const computeCrc = (bytes: Uint8Array, at: number, crc32c: Crc32c.Crc32c = Crc32c.crc32c): number =>
  crc32c(bytes, at + attributesAt, at + sizeInBytes(bytes, at))

/**
 * Whether the batch is large enough to be one and its checksum is right. Pass `Compression.crc32c` for native speed.
 *
 * @since 0.1.0
 */
export const isValidCrc = (bytes: Uint8Array, at: number, crc32c: Crc32c.Crc32c = Crc32c.crc32c): boolean =>
  sizeInBytes(bytes, at) >= headerSizeBytes && crc(bytes, at) === computeCrc(bytes, at, crc32c)

/**
 * Moves the batch to another offset. Outside the checksum.
 *
 * @since 0.1.0
 */
export const setBaseOffset = (bytes: Uint8Array, at: number, offset: number): void => writeInt64(bytes, at, offset)

/**
 * Stamps the batch with the epoch of its leader. Outside the checksum.
 *
 * @since 0.1.0
 */
export const setPartitionLeaderEpoch = (bytes: Uint8Array, at: number, epoch: number): void =>
  writeInt32(bytes, at + 12, epoch)

/**
 * Sets what the records' timestamps are and the largest of them; recomputes the checksum if that changes anything.
 *
 * @since 0.1.0
 */
export const setMaxTimestamp = (
  bytes: Uint8Array,
  at: number,
  type: TimestampType,
  timestamp: number,
  crc32c: Crc32c.Crc32c = Crc32c.crc32c
): void => {
  if (timestampType(bytes, at) === type && maxTimestamp(bytes, at) === timestamp) return
  const bit = attributeBits.logAppendTime
  bytes[at + attributesAt] = 0
  bytes[at + 22] = type === "LogAppendTime" ? bytes[at + 22]! | bit : bytes[at + 22]! & ~bit
  writeInt64(bytes, at + 35, timestamp)
  updateCrc(bytes, at, crc32c)
}

/**
 * Makes `timestamp` (milliseconds) the log-append time of all records; recomputes the checksum.
 *
 * @since 0.1.0
 */
export const setLogAppendTime = (
  bytes: Uint8Array,
  at: number,
  timestamp: number,
  crc32c: Crc32c.Crc32c = Crc32c.crc32c
): void => setMaxTimestamp(bytes, at, "LogAppendTime", timestamp, crc32c)

/**
 * Gives the batch to a producer: id, epoch, first sequence. Recomputes the checksum.
 *
 * @since 0.1.0
 */
export const setProducer = (
  bytes: Uint8Array,
  at: number,
  producer: { readonly producerId: number; readonly producerEpoch: number; readonly baseSequence: number },
  crc32c: Crc32c.Crc32c = Crc32c.crc32c
): void => {
  writeInt64(bytes, at + producerIdAt, producer.producerId)
  writeInt16(bytes, at + 51, producer.producerEpoch)
  writeInt32(bytes, at + 53, producer.baseSequence)
  updateCrc(bytes, at, crc32c)
}

/**
 * Makes the stored checksum right.
 *
 * @since 0.1.0
 */
export const updateCrc = (bytes: Uint8Array, at: number, crc32c: Crc32c.Crc32c = Crc32c.crc32c): void =>
  writeInt32(bytes, at + crcAt, computeCrc(bytes, at, crc32c))

/**
 * What a header holds.
 *
 * @since 0.1.0
 */
export interface Header {
  readonly baseOffset: number
  readonly batchLength: number
  readonly partitionLeaderEpoch: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
}

/**
 * Writes a whole header at `at` and the checksum over it and the records, which must be in place.
 *
 * @since 0.1.0
 */
export const writeHeader = (
  bytes: Uint8Array,
  at: number,
  header: Header,
  crc32c: Crc32c.Crc32c = Crc32c.crc32c
): void => {
  writeInt64(bytes, at, header.baseOffset)
  writeInt32(bytes, at + 8, header.batchLength)
  writeInt32(bytes, at + 12, header.partitionLeaderEpoch)
  bytes[at + magicAt] = magicCurrent
  writeInt16(bytes, at + attributesAt, header.attributes)
  writeInt32(bytes, at + 23, header.lastOffsetDelta)
  writeInt64(bytes, at + 27, header.baseTimestamp)
  writeInt64(bytes, at + 35, header.maxTimestamp)
  writeInt64(bytes, at + producerIdAt, header.producerId)
  writeInt16(bytes, at + 51, header.producerEpoch)
  writeInt32(bytes, at + 53, header.baseSequence)
  writeInt32(bytes, at + 57, header.recordsCount)
  updateCrc(bytes, at, crc32c)
}

/**
 * A new batch with this header and other bytes for the same records, packed with `codec`.
 *
 * @since 0.1.0
 */
export const withRecords = (
  header: Uint8Array,
  codec: number,
  records: Uint8Array,
  crc32c: Crc32c.Crc32c = Crc32c.crc32c
): Uint8Array => {
  const batch = new Uint8Array(headerSizeBytes + records.length)
  batch.set(header.subarray(0, headerSizeBytes))
  batch.set(records, headerSizeBytes)
  writeInt32(batch, 8, batch.length - logOverheadBytes)
  batch[22] = (batch[22]! & ~attributeBits.codecMask) | codec
  updateCrc(batch, 0, crc32c)
  return batch
}
