/**
 * Zigzag varints as records use them, at a place in a byte array.
 *
 * Keeps true: reading follows Kafka: up to 5 bytes for 32 bits and 10 for 64, padding passes, surplus high bits of the
 * last byte are dropped; one byte more, or the end of the bytes, is a `RecordError`. Nothing is allocated.
 * The position after a read is in `end`, to be taken before the next read.
 *
 * @since 0.1.0
 */
import { invalidRecord } from "./RecordError.ts"

const two32 = 0x1_0000_0000
const two63 = 0x8000_0000_0000_0000

/**
 * Where the last varint that was read has ended.
 *
 * @since 0.1.0
 */
export let end = 0

/**
 * Reads a signed 32-bit varint in `bytes[at, limit)`.
 *
 * @since 0.1.0
 */
export const readUnsafe = (bytes: Uint8Array, at: number, limit: number): number => {
  if (at < limit) {
    const first = bytes[at]!
    if (first < 0x80) {
      end = at + 1
      return (first >>> 1) ^ -(first & 1)
    }
  }
  return readLong(bytes, at, limit)
}

const readLong = (bytes: Uint8Array, at: number, limit: number): number => {
  let raw = 0
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= limit) throw invalidRecord("the records end within a varint")
    const byte = bytes[at++]!
    raw |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      end = at
      return (raw >>> 1) ^ -(raw & 1)
    }
  }
  throw invalidRecord("a varint is longer than 5 bytes")
}

/**
 * Reads a signed 64-bit varint in `bytes[at, limit)`, as the nearest number.
 *
 * @since 0.1.0
 */
export const read64Unsafe = (bytes: Uint8Array, at: number, limit: number): number => {
  let low = 0
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= limit) throw invalidRecord("the records end within a varlong")
    const byte = bytes[at++]!
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      end = at
      return (low >>> 1) ^ -(low & 1)
    }
  }
  return readRest(bytes, at, limit, low)
}

const readRest = (bytes: Uint8Array, at: number, limit: number, low28: number): number => {
  let middle = 0
  let high = 0
  for (let index = 0; index < 6; index++) {
    if (at >= limit) throw invalidRecord("the records end within a varlong")
    const byte = bytes[at++]!
    if (index < 4) middle |= (byte & 0x7f) << (7 * index)
    else high |= (byte & 0x7f) << (7 * index - 28)
    if (byte < 0x80) {
      end = at
      return unzigzag64(low28 | (middle << 28), (middle >>> 4) | (high << 24))
    }
  }
  throw invalidRecord("a varlong is longer than 10 bytes")
}

const unzigzag64 = (low: number, high: number): number => {
  const sign = -(low & 1)
  return ((high >>> 1) ^ sign) * two32 + ((((low >>> 1) | (high << 31)) ^ sign) >>> 0)
}

/**
 * The bytes that a signed 32-bit varint takes.
 *
 * @since 0.1.0
 */
export const size = (value: number): number => {
  const raw = (value << 1) ^ (value >> 31)
  return raw === 0 ? 1 : ((38 - Math.clz32(raw)) / 7) | 0
}

/**
 * The bytes that a signed 64-bit varint takes.
 *
 * @since 0.1.0
 */
export const size64 = (value: number): number => {
  if (value >= -0x4000_0000 && value < 0x4000_0000) return size(value)
  // For zigzag, -v - 1 takes as many bytes as v does; from here on a byte holds seven bits, the first one six.
  let rest = value < 0 ? -value - 1 : value
  let bytes = 1
  for (rest = Math.floor(rest / 64); rest > 0 && bytes < 10; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/**
 * Writes a signed 32-bit varint and returns where it ends.
 *
 * @since 0.1.0
 */
export const write = (bytes: Uint8Array, at: number, value: number): number => {
  let raw = (value << 1) ^ (value >> 31)
  while (raw > 0x7f || raw < 0) {
    bytes[at++] = (raw & 0x7f) | 0x80
    raw >>>= 7
  }
  bytes[at++] = raw
  return at
}

/**
 * Writes a signed 64-bit varint, given as an integral number (2^63 counts as 2^63-1), and returns where it ends.
 *
 * @since 0.1.0
 */
export const write64 = (bytes: Uint8Array, at: number, value: number): number => {
  if (value >= -0x4000_0000 && value < 0x4000_0000) return write(bytes, at, value)
  let low = -1
  let high = 0x7fffffff
  if (value < two63) {
    low = (value % two32) | 0
    high = Math.floor(value / two32) | 0
  }
  const sign = high >> 31
  let rawHigh = ((high << 1) | (low >>> 31)) ^ sign
  let rawLow = (low << 1) ^ sign
  while (rawHigh !== 0 || rawLow > 0x7f || rawLow < 0) {
    bytes[at++] = (rawLow & 0x7f) | 0x80
    rawLow = (rawLow >>> 7) | (rawHigh << 25)
    rawHigh >>>= 7
  }
  bytes[at++] = rawLow
  return at
}
