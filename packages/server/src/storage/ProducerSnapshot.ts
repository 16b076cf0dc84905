/**
 * The `.snapshot` file: the producers of a log as they were at the offset in its name, guarded by a checksum.
 *
 * Keeps true: of each producer only the last batch is kept, as Kafka does; a file that does not check out reads as
 * undefined, for the state can be computed from the log.
 *
 * @since 0.1.0
 */
import * as Crc32c from "@millrace/core/hash/Crc32c"
import { readInt16, readInt32, readInt64, writeInt16, writeInt32, writeInt64 } from "@millrace/core/records/Int64"
import type { ProducerEntry } from "./ProducerState.ts"

const version = 1
const crcAt = 2
const countAt = 6
const headerBytes = 10
const entryBytes = 46

/**
 * The bytes of a snapshot.
 *
 * @since 0.1.0
 */
export const encode = (producers: Iterable<ProducerEntry>): Uint8Array => {
  const entries = [...producers]
  const bytes = new Uint8Array(headerBytes + entries.length * entryBytes)
  writeInt16(bytes, 0, version)
  writeInt32(bytes, countAt, entries.length)
  entries.forEach((entry, index) => {
    const at = headerBytes + index * entryBytes
    const last = entry.batches.at(-1)
    writeInt64(bytes, at, entry.producerId)
    writeInt16(bytes, at + 8, entry.producerEpoch)
    writeInt32(bytes, at + 10, last?.lastSequence ?? -1)
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1)
    writeInt32(bytes, at + 22, last?.offsetDelta ?? 0)
    writeInt64(bytes, at + 26, entry.lastTimestamp)
    writeInt32(bytes, at + 34, entry.coordinatorEpoch)
    writeInt64(bytes, at + 38, entry.currentTransactionFirstOffset)
  })
  writeInt32(bytes, crcAt, Crc32c.crc32c(bytes, countAt, bytes.length))
  return bytes
}

/**
 * The producers in a snapshot, or undefined if it cannot be trusted.
 *
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): ReadonlyArray<ProducerEntry> | undefined => {
  if (bytes.length < headerBytes || readInt16(bytes, 0) !== version) return undefined
  if (readInt32(bytes, crcAt) >>> 0 !== Crc32c.crc32c(bytes, countAt, bytes.length)) return undefined
  const count = readInt32(bytes, countAt)
  if (count < 0 || bytes.length !== headerBytes + count * entryBytes) return undefined
  return Array.from({ length: count }, (_, index) => entryAt(bytes, headerBytes + index * entryBytes))
}

const entryAt = (bytes: Uint8Array, at: number): ProducerEntry => {
  const lastOffset = readInt64(bytes, at + 14)
  const lastTimestamp = readInt64(bytes, at + 26)
  const last = {
    lastSequence: readInt32(bytes, at + 10),
    lastOffset,
    offsetDelta: readInt32(bytes, at + 22),
    timestamp: lastTimestamp
  }
  return {
    producerId: readInt64(bytes, at),
    producerEpoch: readInt16(bytes, at + 8),
    coordinatorEpoch: readInt32(bytes, at + 34),
    lastTimestamp,
    currentTransactionFirstOffset: readInt64(bytes, at + 38),
    batches: lastOffset >= 0 ? [last] : [],
    idleSinceMs: undefined
  }
}
