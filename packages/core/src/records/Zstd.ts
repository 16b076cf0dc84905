/**
 * zstd frames: Kafka reads several after each other, and skips skippable ones.
 *
 * Leaves to others: what is in compressed blocks (`ZstdBlock.ts`).
 *
 * @since 0.1.0
 */
import { xxHash64 } from "../hash/XxHash64.ts"
import { corrupt, unsupported } from "./Compression.ts"
import type * as Output from "./Output.ts"
import { blockMaxBytes, BlockReader } from "./ZstdBlock.ts"

const codec = 4

const readUint32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

const needUnsafe = (bytes: Uint8Array, end: number): void => {
  if (end > bytes.length) throw corrupt(codec, "the frame is cut short")
}

const isSkippable = (bytes: Uint8Array, at: number): boolean =>
  at + 4 <= bytes.length && (readUint32(bytes, at) & 0xfffffff0) >>> 0 === 0x184d2a50

/** What the header of a frame says: where the blocks begin, whether a checksum follows them, and what they hold. */
interface FrameHeader {
  readonly blocksAt: number
  readonly hasChecksum: boolean
  readonly hasDictionary: boolean
  /** -1 where it is not said. */
  readonly contentBytes: number
}

/** The header of the frame at `at`. */
const headerUnsafe = (bytes: Uint8Array, at: number): FrameHeader => {
  needUnsafe(bytes, at + 5)
  if (readUint32(bytes, at) !== 0xfd2fb528) throw corrupt(codec, "not a zstd frame")
  const descriptor = bytes[at + 4]!
  if ((descriptor & 0x08) !== 0) throw corrupt(codec, "a reserved bit is set in the header")
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >>> 6
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag
  const dictionaryFlag = descriptor & 3
  const dictionaryBytes = dictionaryFlag === 3 ? 4 : dictionaryFlag
  const sizeAt = at + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
  needUnsafe(bytes, sizeAt + sizeBytes)
  return {
    blocksAt: sizeAt + sizeBytes,
    hasChecksum: (descriptor & 0x04) !== 0,
    hasDictionary: bytes.subarray(sizeAt - dictionaryBytes, sizeAt).some((byte) => byte !== 0),
    contentBytes: contentSize(bytes, sizeAt, sizeBytes)
  }
}

const contentSize = (bytes: Uint8Array, at: number, sizeBytes: number): number => {
  if (sizeBytes === 0) return -1
  let size = 0
  for (let index = sizeBytes - 1; index >= 0; index--) size = size * 256 + bytes[at + index]!
  return sizeBytes === 2 ? size + 256 : size
}

/** The block header at `at`: 3 bytes, little-endian: last, type (0 raw, 1 one byte repeated, 2 compressed), size. */
const blockUnsafe = (
  bytes: Uint8Array,
  at: number
): { readonly isLast: boolean; readonly type: number; readonly size: number; readonly end: number } => {
  needUnsafe(bytes, at + 3)
  const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
  const type = (header >>> 1) & 3
  const size = header >>> 3
  if (type === 3) throw corrupt(codec, "a block has a reserved type")
  const end = at + 3 + (type === 1 ? 1 : size)
  needUnsafe(bytes, end)
  return { isLast: (header & 1) !== 0, type, size, end }
}

/** Where the frame at `at` ends, skippable or not. */
const frameEndUnsafe = (bytes: Uint8Array, at: number): number => {
  if (isSkippable(bytes, at)) {
    needUnsafe(bytes, at + 8)
    const end = at + 8 + readUint32(bytes, at + 4)
    needUnsafe(bytes, end)
    return end
  }
  const frame = headerUnsafe(bytes, at)
  let next = frame.blocksAt
  for (let isLast = false; !isLast;) {
    const block = blockUnsafe(bytes, next)
    isLast = block.isLast
    next = block.end
  }
  const end = next + (frame.hasChecksum ? 4 : 0)
  needUnsafe(bytes, end)
  return end
}

/**
 * The frames that are not to be skipped; together with the others they must fill the bytes.
 *
 * @since 0.1.0
 */
export const framesUnsafe = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const frames: Array<Uint8Array> = []
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = frameEndUnsafe(bytes, at)
    if (!isSkippable(bytes, at)) frames.push(bytes.subarray(at, end))
  }
  return frames
}

const frameHeaderBytes = 9

/**
 * One frame of raw blocks (and repeated bytes, where a block has only one).
 *
 * @since 0.1.0
 */
export const store = (bytes: Uint8Array): Uint8Array => {
  const blocks = Math.max(1, Math.ceil(bytes.length / blockMaxBytes))
  const frame = new Uint8Array(frameHeaderBytes + bytes.length + blocks * 3)
  // A single segment whose size stands in four bytes, without a checksum.
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0])
  for (let index = 0; index < 4; index++) frame[5 + index] = bytes.length >>> (8 * index)
  let at = frameHeaderBytes
  for (let block = 0; block < blocks; block++) {
    const content = bytes.subarray(block * blockMaxBytes, (block + 1) * blockMaxBytes)
    const isRepeat = content.length > 1 && content.every((byte) => byte === content[0])
    const header = (content.length << 3) | (isRepeat ? 2 : 0) | (block === blocks - 1 ? 1 : 0)
    frame[at] = header
    frame[at + 1] = header >>> 8
    frame[at + 2] = header >>> 16
    const stored = isRepeat ? content.subarray(0, 1) : content
    frame.set(stored, at + 3)
    at += 3 + stored.length
  }
  return frame.subarray(0, at)
}

/**
 * Appends what a whole frame holds. Throws `CompressionError`.
 *
 * @since 0.1.0
 */
export const appendUnsafe = (bytes: Uint8Array, output: Output.Output): void => {
  const frame = headerUnsafe(bytes, 0)
  if (frame.hasDictionary) throw unsupported(codec, "the frame needs a dictionary")
  const start = output.length
  const blocks = new BlockReader(output)
  let next = frame.blocksAt
  for (let isLast = false; !isLast;) {
    const block = blockUnsafe(bytes, next)
    if (block.size > blockMaxBytes) throw corrupt(codec, `a block of ${block.size} bytes is too large`)
    if (block.type === 0) output.append(bytes, next + 3, block.end)
    else if (block.type === 2) blocks.readUnsafe(bytes, next + 3, block.end)
    else if (block.size > 0) {
      output.append(bytes, next + 3, next + 4)
      output.repeat(1, block.size - 1)
    }
    isLast = block.isLast
    next = block.end
  }
  const content = output.bytes.subarray(start, output.length)
  if (frame.contentBytes >= 0 && frame.contentBytes !== content.length) {
    throw corrupt(codec, `the frame holds ${content.length} bytes, not ${frame.contentBytes}`)
  }
  if (frame.hasChecksum && Number(BigInt.asUintN(32, xxHash64(content))) !== readUint32(bytes, next)) {
    throw corrupt(codec, "the checksum of the frame is wrong")
  }
}
