/**
 * The xerial framing that Kafka's snappy stands in: `82 "SNAPPY" 00`, two version words, then chunks (length, block).
 *
 * Keeps true: reads framed bytes and bare blocks; versions are not looked at, as in Kafka; chunks must fill the bytes.
 * No output beyond `maxBytes`: a block's stated size is checked before anything is allocated for it.
 * Leaves to others: the blocks themselves, packed and unpacked by the functions given (native, or `SnappyBlock`).
 *
 * @since 0.1.0
 */
import { corrupt, tooLarge } from "./Compression.ts"
import { readInt32, writeInt32 } from "./Int64.ts"
import * as Output from "./Output.ts"

const codec = 2
const headerBytes = 16
const chunkBytes = 32 * 1024
const magicHigh = 0x82534e41 | 0
const magicLow = 0x50505900
/** The most that a block can expand: a tag of 3 bytes stands for 64. */
const expansionMax = 22

/**
 * Packs or unpacks one bare block.
 *
 * @since 0.1.0
 */
export type Block = (bytes: Uint8Array) => Uint8Array

/**
 * The pieces that are packed into a block each: `chunkBytes` long, but for the last one.
 *
 * @since 0.1.0
 */
export const split = (bytes: Uint8Array, chunkBytes: number): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; at += chunkBytes) pieces.push(bytes.subarray(at, at + chunkBytes))
  return pieces
}

/**
 * Puts packed blocks into the framing.
 *
 * @since 0.1.0
 */
export const frame = (blocks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const framed = new Uint8Array(blocks.reduce((size, block) => size + 4 + block.length, headerBytes))
  writeInt32(framed, 0, magicHigh)
  writeInt32(framed, 4, magicLow)
  writeInt32(framed, 8, 1)
  writeInt32(framed, 12, 1)
  let at = headerBytes
  for (const block of blocks) {
    writeInt32(framed, at, block.length)
    framed.set(block, at + 4)
    at += 4 + block.length
  }
  return framed
}

/**
 * Compresses into framed chunks of 32 KB, as Kafka does.
 *
 * @since 0.1.0
 */
export const compress = (bytes: Uint8Array, pack: Block): Uint8Array => frame(split(bytes, chunkBytes).map(pack))

/**
 * The packed blocks in framed bytes, or the bytes themselves if they are a bare block. All together state `maxBytes` at
 * most, and none more than it can hold.
 *
 * @since 0.1.0
 */
export const blocksUnsafe = (bytes: Uint8Array, maxBytes: number): ReadonlyArray<Uint8Array> => {
  if (bytes.length === 0) throw corrupt(codec, "there are no bytes")
  const blocks: Array<Uint8Array> = []
  if (isHeader(bytes, 0)) {
    let at = headerBytes
    while (at < bytes.length) {
      if (isHeader(bytes, at)) {
        at += headerBytes
        continue
      }
      const size = at + 4 > bytes.length ? -1 : readInt32(bytes, at)
      if (size < 0 || at + 4 + size > bytes.length) throw corrupt(codec, `a chunk of ${size} bytes does not fit`)
      blocks.push(bytes.subarray(at + 4, at + 4 + size))
      at += 4 + size
    }
  } else blocks.push(bytes)
  let total = 0
  for (const block of blocks) {
    const length = lengthUnsafe(block)
    if (length > block.length * expansionMax) throw corrupt(codec, `a block of ${block.length} bytes states ${length}`)
    total += length
    if (total > maxBytes) throw tooLarge(codec, maxBytes)
  }
  return blocks
}

/**
 * Decompresses framed chunks, or one bare block.
 *
 * @since 0.1.0
 */
export const decompressUnsafe = (bytes: Uint8Array, maxBytes: number, unpack: Block): Uint8Array =>
  Output.concat(blocksUnsafe(bytes, maxBytes).map(unpack))

const isHeader = (bytes: Uint8Array, at: number): boolean =>
  at + headerBytes <= bytes.length && readInt32(bytes, at) === magicHigh && readInt32(bytes, at + 4) === magicLow

/**
 * The size that a bare block states for what it unpacks to.
 *
 * @since 0.1.0
 */
export const lengthUnsafe = (block: Uint8Array): number => {
  let length = 0
  for (let index = 0; index < 5 && index < block.length; index++) {
    const byte = block[index]!
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw corrupt(codec, "a block does not state its size")
}
