/**
 * LZ4 frames as Kafka reads and writes them, in plain TypeScript.
 *
 * Keeps true: refuses what Kafka refuses (other versions, dependent blocks, dictionaries, wrong header and block
 * checksums, a missing end mark) and reads what it reads (content size and content checksum unverified, only the first
 * frame). No output beyond `maxBytes`.
 * Leaves to others: native speed (`platform/node/NodeCompression`), which falls back to this.
 *
 * @since 0.1.0
 */
import { corrupt } from "./Compression.ts"
import * as Output from "./Output.ts"
import { xxHash32 } from "../hash/XxHash32.ts"

const codec = 3
const blockMaxBytes = 64 * 1024
const flagsWritten = 0x60
const blockSizeWritten = 0x40

const readUint32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

const writeUint32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

/** The descriptor of a frame: where its blocks begin and how they look. */
interface Descriptor {
  readonly blocksAt: number
  readonly blockMaxBytes: number
  readonly hasBlockChecksum: boolean
  readonly hasContentChecksum: boolean
}

const headerChecksumAt = (bytes: Uint8Array): number => {
  const at = (bytes[4]! & 0x08) === 0 ? 6 : 14
  if (bytes.length <= at) throw corrupt(codec, "the frame ends within its header")
  return at
}

const headerChecksum = (bytes: Uint8Array, end: number): number => (xxHash32(bytes, 4, end) >>> 8) & 0xff

const descriptorUnsafe = (bytes: Uint8Array): Descriptor => {
  if (bytes.length < 7) throw corrupt(codec, "the frame ends within its header")
  if (readUint32(bytes, 0) !== 0x184d2204) throw corrupt(codec, "not an lz4 frame")
  const flags = bytes[4]!
  const block = bytes[5]!
  if (flags >>> 6 !== 1) throw corrupt(codec, `frame version ${flags >>> 6}; Kafka reads only 1`)
  if ((flags & 0x20) === 0) throw corrupt(codec, "blocks depend on each other; Kafka reads only independent ones")
  if ((flags & 0x03) !== 0 || (block & 0x8f) !== 0) throw corrupt(codec, "reserved bits are set in the header")
  if (block >>> 4 < 4) throw corrupt(codec, `block size id ${block >>> 4} is not between 4 and 7`)
  const at = headerChecksumAt(bytes)
  if (bytes[at] !== headerChecksum(bytes, at)) throw corrupt(codec, "the header's checksum is wrong")
  return {
    blocksAt: at + 1,
    blockMaxBytes: 1 << (2 * (block >>> 4) + 8),
    hasBlockChecksum: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0
  }
}

/**
 * A copy of a frame whose header checksum is right: magic 0 writes one that also covers the frame's magic.
 *
 * @since 0.1.0
 */
export const repairHeaderChecksumUnsafe = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length < 7) throw corrupt(codec, "the frame ends within its header")
  const copy = bytes.slice()
  const at = headerChecksumAt(copy)
  copy[at] = headerChecksum(copy, at)
  return copy
}

const blockSizeUnsafe = (bytes: Uint8Array, at: number, frame: Descriptor): number => {
  if (at + 4 > bytes.length) throw corrupt(codec, "the frame has no end mark")
  const size = readUint32(bytes, at) & 0x7fffffff
  const end = at + 4 + size + (frame.hasBlockChecksum && size > 0 ? 4 : 0)
  if (size > frame.blockMaxBytes) throw corrupt(codec, `a block of ${size} bytes is too large`)
  if (end > bytes.length) throw corrupt(codec, "the frame ends within a block")
  return size
}

/**
 * Where the first frame of `bytes` ends, and the most that it can expand to. Does not look into blocks.
 *
 * @since 0.1.0
 */
export const frameUnsafe = (bytes: Uint8Array): { readonly end: number; readonly expandedMaxBytes: number } => {
  const frame = descriptorUnsafe(bytes)
  let at = frame.blocksAt
  let expandedMaxBytes = 0
  for (let size = blockSizeUnsafe(bytes, at, frame); size > 0; size = blockSizeUnsafe(bytes, at, frame)) {
    at += 4 + size + (frame.hasBlockChecksum ? 4 : 0)
    expandedMaxBytes += frame.blockMaxBytes
  }
  const end = at + 4 + (frame.hasContentChecksum ? 4 : 0)
  if (end > bytes.length) throw corrupt(codec, "the frame ends within its checksum")
  return { end, expandedMaxBytes }
}

/**
 * Decompresses the first frame.
 *
 * @since 0.1.0
 */
export const decompressUnsafe = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  const frame = descriptorUnsafe(bytes)
  const output = Output.make(codec, bytes.length * 3, maxBytes)
  let at = frame.blocksAt
  for (let size = blockSizeUnsafe(bytes, at, frame); size > 0; size = blockSizeUnsafe(bytes, at, frame)) {
    const stored = bytes[at + 3]! >= 0x80
    const end = at + 4 + size
    if (frame.hasBlockChecksum && readUint32(bytes, end) !== xxHash32(bytes, at + 4, end)) {
      throw corrupt(codec, "a block's checksum is wrong")
    }
    if (stored) output.append(bytes, at + 4, end)
    else expandBlock(bytes, at + 4, end, output, frame.blockMaxBytes)
    at = end + (frame.hasBlockChecksum ? 4 : 0)
  }
  if (frame.hasContentChecksum && at + 8 > bytes.length) throw corrupt(codec, "the frame ends within its checksum")
  return output.take()
}

const lengthUnsafe = (bytes: Uint8Array, at: number, end: number, output: Output.Output): number => {
  let length = 15
  let byte = 255
  while (byte === 255) {
    if (at >= end) throw corrupt(codec, "a block ends within a length")
    byte = bytes[at++]!
    length += byte
  }
  output.inputAt = at
  return length
}

const expandBlock = (
  bytes: Uint8Array,
  start: number,
  end: number,
  output: Output.Output,
  blockBytes: number
): void => {
  const begin = output.length
  let at = start
  while (at < end) {
    const token = bytes[at++]!
    let literals = token >>> 4
    if (literals === 15) {
      literals = lengthUnsafe(bytes, at, end, output)
      at = output.inputAt
    }
    if (at + literals > end) throw corrupt(codec, "a block ends within literals")
    if (literals > 0) output.append(bytes, at, at + literals)
    at += literals
    if (at === end) break
    if (at + 2 > end) throw corrupt(codec, "a block ends within an offset")
    const distance = bytes[at]! | (bytes[at + 1]! << 8)
    at += 2
    let match = token & 15
    if (match === 15) {
      match = lengthUnsafe(bytes, at, end, output)
      at = output.inputAt
    }
    if (distance === 0 || distance > output.length - begin) throw corrupt(codec, "a match begins before its block")
    output.repeat(distance, match + 4)
    if (output.length - begin > blockBytes) throw corrupt(codec, "a block expands beyond its size")
  }
  if (output.length - begin > blockBytes) throw corrupt(codec, "a block expands beyond its size")
}

/**
 * Compresses into one frame of independent 64 KB blocks.
 *
 * @since 0.1.0
 */
export const compress = (bytes: Uint8Array): Uint8Array => {
  const blocks = Math.ceil(bytes.length / blockMaxBytes)
  const frame = new Uint8Array(11 + bytes.length + blocks * 4)
  writeUint32(frame, 0, 0x184d2204)
  frame[4] = flagsWritten
  frame[5] = blockSizeWritten
  frame[6] = headerChecksum(frame, 6)
  let at = 7
  for (let start = 0; start < bytes.length; start += blockMaxBytes) {
    const end = Math.min(start + blockMaxBytes, bytes.length)
    const packedEnd = packBlock(bytes, start, end, frame, at + 4, at + 4 + end - start)
    if (packedEnd === 0) {
      frame.set(bytes.subarray(start, end), at + 4)
      writeUint32(frame, at, (end - start) | 0x80000000)
      at += 4 + end - start
    } else {
      writeUint32(frame, at, packedEnd - at - 4)
      at = packedEnd
    }
  }
  return frame.subarray(0, at + 4)
}

const hashBits = 12
const matchMinBytes = 4
/** The format wants the last match to begin 12 bytes before the end, and the last 5 bytes to be literals. */
const lastMatchBytes = 12
const lastLiteralsBytes = 5

/** Packs one block greedily; 0 if it does not get smaller than `limit` allows. */
const packBlock = (
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  limit: number
): number => {
  const seen = new Int32Array(1 << hashBits).fill(-1)
  let literalsAt = start
  let position = start
  while (position <= end - lastMatchBytes) {
    const word = readUint32(bytes, position)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const candidate = seen[slot]!
    seen[slot] = position
    if (candidate < 0 || position - candidate > 0xffff || readUint32(bytes, candidate) !== word) {
      position++
      continue
    }
    let length = matchMinBytes
    while (position + length < end - lastLiteralsBytes && bytes[candidate + length] === bytes[position + length]) {
      length++
    }
    at = writeSequence(target, at, limit, bytes, literalsAt, position, position - candidate, length)
    if (at === 0) return 0
    position += length
    literalsAt = position
  }
  return writeSequence(target, at, limit, bytes, literalsAt, end, 0, 0)
}

const writeLength = (target: Uint8Array, at: number, length: number): number => {
  for (; length >= 255; length -= 255) target[at++] = 255
  target[at++] = length
  return at
}

/** Writes literals and, unless `length` is 0, the match after them; 0 if that could reach `limit`. */
const writeSequence = (
  target: Uint8Array,
  at: number,
  limit: number,
  bytes: Uint8Array,
  literalsAt: number,
  literalsEnd: number,
  distance: number,
  length: number
): number => {
  const literals = literalsEnd - literalsAt
  if (at + literals + literals / 255 + length / 255 + 8 >= limit) return 0
  const extra = length - matchMinBytes
  target[at++] = (Math.min(literals, 15) << 4) | (length === 0 ? 0 : Math.min(extra, 15))
  if (literals >= 15) at = writeLength(target, at, literals - 15)
  target.set(bytes.subarray(literalsAt, literalsEnd), at)
  at += literals
  if (length === 0) return at
  target[at++] = distance
  target[at++] = distance >>> 8
  return extra >= 15 ? writeLength(target, at, extra - 15) : at
}
