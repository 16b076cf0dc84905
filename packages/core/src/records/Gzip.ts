/**
 * Where gzip members begin and end: Kafka reads several after each other, and what follows is ignored.
 *
 * Leaves to others: inflating, by the function given (native, or `Inflate`).
 *
 * @since 0.1.0
 */
import type * as Crc from "../hash/Crc.ts"
import { corrupt } from "./Compression.ts"
import * as Output from "./Output.ts"

const codec = 1
const headerMinBytes = 10
const trailerBytes = 8

/**
 * Inflates the deflate stream at `at` into `output`, which must keep its limit, and returns where the stream ends.
 *
 * @since 0.1.0
 */
export type Inflate = (bytes: Uint8Array, at: number, output: Output.Output) => number

const readUint32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

/**
 * Where the deflate stream of the member at `at` begins; -1 if there is no gzip header.
 *
 * @since 0.1.0
 */
export const headerEnd = (bytes: Uint8Array, at: number): number => {
  if (at + headerMinBytes > bytes.length) return -1
  if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return -1
  const flags = bytes[at + 3]!
  let end = at + headerMinBytes
  if ((flags & 0x04) !== 0) {
    if (end + 2 > bytes.length) return -1
    end += 2 + (bytes[end]! | (bytes[end + 1]! << 8))
  }
  if ((flags & 0x08) !== 0) end = afterZero(bytes, end)
  if ((flags & 0x10) !== 0) end = afterZero(bytes, end)
  if ((flags & 0x02) !== 0) end += 2
  return end <= bytes.length ? end : -1
}

const afterZero = (bytes: Uint8Array, at: number): number => {
  const zero = bytes.indexOf(0, at)
  return zero < 0 ? bytes.length + 1 : zero + 1
}

/**
 * Decompresses all members; what follows the last one is ignored unless it begins like a member.
 *
 * @since 0.1.0
 */
export const decompressUnsafe = (
  bytes: Uint8Array,
  maxBytes: number,
  inflate: Inflate,
  crc32: Crc.Crc
): Uint8Array => {
  const output = Output.make(codec, bytes.length * 3, maxBytes)
  let at = headerEnd(bytes, 0)
  if (at < 0) throw corrupt(codec, "not in gzip format")
  while (at >= 0) {
    const begin = output.length
    const end = inflate(bytes, at, output)
    if (end + trailerBytes > bytes.length) throw corrupt(codec, "the bytes end within a trailer")
    const isSound = readUint32(bytes, end) === crc32(output.bytes, begin, output.length) &&
      readUint32(bytes, end + 4) === (output.length - begin) >>> 0
    if (!isSound) throw corrupt(codec, "a trailer does not fit its contents")
    // As Java: the next member needs room for a trailer, too.
    at = bytes.length - end - trailerBytes > headerMinBytes + trailerBytes ? headerEnd(bytes, end + trailerBytes) : -1
  }
  return output.take()
}

const writeUint32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** What a stored block of 64 KB takes beyond its content, and some room for the last one. */
const storedOverheadBytes = (length: number): number => (Math.ceil(length / 0xffff) + 1) * 5

/**
 * One member around what `write` makes of the bytes: a stored deflate stream from a place on, whose end it returns.
 *
 * @since 0.1.0
 */
export const store = (
  bytes: Uint8Array,
  write: (bytes: Uint8Array, target: Uint8Array, at: number) => number,
  crc32: Crc.Crc
): Uint8Array => {
  const member = new Uint8Array(headerMinBytes + bytes.length + storedOverheadBytes(bytes.length) + trailerBytes)
  member.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
  const end = write(bytes, member, headerMinBytes)
  writeUint32(member, end, crc32(bytes, 0, bytes.length))
  writeUint32(member, end + 4, bytes.length)
  return member.subarray(0, end + trailerBytes)
}
