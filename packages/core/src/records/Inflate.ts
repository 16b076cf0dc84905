/**
 * Deflate streams (RFC 1951) read in plain TypeScript, and written as stored blocks.
 *
 * Keeps true: hostile streams end in `CompressionError`; the output keeps its limit.
 * Leaves to others: gzip around it (`Gzip`), speed (`platform/node/NodeCompression`).
 *
 * @since 0.1.0
 */
import { corrupt } from "./Compression.ts"
import type * as Gzip from "./Gzip.ts"
import type * as Output from "./Output.ts"

const codec = 1
const codeBitsMax = 15

/** A canonical Huffman code: how many codes there are of each length, and the symbols in the order of their codes. */
interface Huffman {
  readonly counts: Uint16Array
  readonly symbols: Uint16Array
}

const huffmanUnsafe = (lengths: Uint8Array): Huffman => {
  const counts = new Uint16Array(codeBitsMax + 1)
  for (const length of lengths) counts[length]!++
  const starts = new Uint16Array(codeBitsMax + 2)
  let left = 1
  for (let bits = 1; bits <= codeBitsMax; bits++) {
    left = left * 2 - counts[bits]!
    if (left < 0) throw corrupt(codec, "more codes than their lengths allow")
    starts[bits + 1] = starts[bits]! + counts[bits]!
  }
  const symbols = new Uint16Array(lengths.length)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!
    if (length > 0) symbols[starts[length]!++] = symbol
  }
  return { counts, symbols }
}

const fixedLengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280)
const fixedLiterals = huffmanUnsafe(fixedLengths)
const fixedDistances = huffmanUnsafe(new Uint8Array(30).fill(5))

/** Bases and extra bits of lengths (symbols 257 on) and distances. */
const lengthBases = [
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  13,
  15,
  17,
  19,
  23,
  27,
  31,
  35,
  43,
  51,
  59,
  67,
  83,
  99,
  115,
  131,
  163,
  195,
  227,
  258
]
const lengthExtras = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBases = [
  1,
  2,
  3,
  4,
  5,
  7,
  9,
  13,
  17,
  25,
  33,
  49,
  65,
  97,
  129,
  193,
  257,
  385,
  513,
  769,
  1025,
  1537,
  2049,
  3073,
  4097,
  6145,
  8193,
  12289,
  16385,
  24577
]
const distanceExtras = [
  0,
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
  9,
  10,
  10,
  11,
  11,
  12,
  12,
  13,
  13
]
/** The order in which the lengths of the length codes stand. */
const lengthCodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Bits in the order of deflate: from the lowest bit of each byte on. */
class BitReader {
  at: number
  private readonly bytes: Uint8Array
  private held = 0
  private heldBits = 0

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
  }

  bits(count: number): number {
    while (this.heldBits < count) {
      if (this.at >= this.bytes.length) throw corrupt(codec, "the deflate stream is cut short")
      this.held |= this.bytes[this.at++]! << this.heldBits
      this.heldBits += 8
    }
    const value = this.held & ((1 << count) - 1)
    this.held >>>= count
    this.heldBits -= count
    return value
  }

  /** Drops what is left of the byte at hand. */
  align(): void {
    this.held = 0
    this.heldBits = 0
  }

  symbol(code: Huffman): number {
    let value = 0
    let first = 0
    let index = 0
    for (let bits = 1; bits <= codeBitsMax; bits++) {
      value |= this.bits(1)
      const count = code.counts[bits]!
      if (value - count < first) return code.symbols[index + value - first]!
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw corrupt(codec, "no code has these bits")
  }
}

/**
 * Inflates the deflate stream at `at` into `output`, and returns where the stream ends.
 *
 * @since 0.1.0
 */
export const inflateUnsafe: Gzip.Inflate = (bytes, at, output) => {
  const reader = new BitReader(bytes, at)
  const begin = output.length
  for (let isLast = false; !isLast;) {
    isLast = reader.bits(1) === 1
    switch (reader.bits(2)) {
      case 0:
        storedUnsafe(reader, bytes, output)
        break
      case 1:
        codesUnsafe(reader, output, begin, fixedLiterals, fixedDistances)
        break
      case 2:
        dynamicUnsafe(reader, output, begin)
        break
      default:
        throw corrupt(codec, "a block has a reserved type")
    }
  }
  return reader.at
}

const storedUnsafe = (reader: BitReader, bytes: Uint8Array, output: Output.Output): void => {
  reader.align()
  const length = reader.bits(16)
  if (length !== (reader.bits(16) ^ 0xffff)) throw corrupt(codec, "a stored block's length does not check")
  if (reader.at + length > bytes.length) throw corrupt(codec, "the deflate stream is cut short")
  output.append(bytes, reader.at, reader.at + length)
  reader.at += length
}

const dynamicUnsafe = (reader: BitReader, output: Output.Output, begin: number): void => {
  const literals = reader.bits(5) + 257
  const distances = reader.bits(5) + 1
  const lengthCodes = reader.bits(4) + 4
  if (literals > 286 || distances > 30) throw corrupt(codec, "a block has too many codes")
  const codeLengths = new Uint8Array(19)
  for (let index = 0; index < lengthCodes; index++) codeLengths[lengthCodeOrder[index]!] = reader.bits(3)
  const lengths = lengthsUnsafe(reader, huffmanUnsafe(codeLengths), literals + distances)
  if (lengths[256] === 0) throw corrupt(codec, "a block has no end")
  codesUnsafe(
    reader,
    output,
    begin,
    huffmanUnsafe(lengths.subarray(0, literals)),
    huffmanUnsafe(lengths.subarray(literals))
  )
}

const lengthsUnsafe = (reader: BitReader, code: Huffman, count: number): Uint8Array => {
  const lengths = new Uint8Array(count)
  for (let index = 0; index < count;) {
    const symbol = reader.symbol(code)
    if (symbol < 16) {
      lengths[index++] = symbol
      continue
    }
    if (symbol === 16 && index === 0) throw corrupt(codec, "nothing stands before a repeat")
    const length = symbol === 16 ? lengths[index - 1]! : 0
    const times = symbol === 16 ? 3 + reader.bits(2) : symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7)
    if (index + times > count) throw corrupt(codec, "a repeat goes beyond the codes")
    lengths.fill(length, index, index + times)
    index += times
  }
  return lengths
}

const codesUnsafe = (
  reader: BitReader,
  output: Output.Output,
  begin: number,
  literals: Huffman,
  distances: Huffman
): void => {
  for (let symbol = reader.symbol(literals); symbol !== 256; symbol = reader.symbol(literals)) {
    if (symbol < 256) {
      output.reserve(1)
      output.bytes[output.length++] = symbol
      continue
    }
    const lengthBase = lengthBases[symbol - 257]
    if (lengthBase === undefined) throw corrupt(codec, "no length has this code")
    const length = lengthBase + reader.bits(lengthExtras[symbol - 257]!)
    const place = reader.symbol(distances)
    const distance = distanceBases[place]! + reader.bits(distanceExtras[place]!)
    if (distance > output.length - begin) throw corrupt(codec, "a match begins before its stream")
    output.repeat(distance, length)
  }
}

const storedMaxBytes = 0xffff

/**
 * A deflate stream of stored blocks, written into `target` from `at` on; returns its end. It takes 5 bytes per 64 KB
 * more than its content.
 *
 * @since 0.1.0
 */
export const writeStored = (bytes: Uint8Array, target: Uint8Array, at: number): number => {
  for (let start = 0; start === 0 || start < bytes.length; start += storedMaxBytes) {
    const count = Math.min(storedMaxBytes, bytes.length - start)
    target[at] = start + count >= bytes.length ? 1 : 0
    target[at + 1] = count
    target[at + 2] = count >>> 8
    target[at + 3] = ~count
    target[at + 4] = ~count >>> 8
    target.set(bytes.subarray(start, start + count), at + 5)
    at += 5 + count
  }
  return at
}
