/**
 * Bare snappy blocks in plain TypeScript.
 *
 * Keeps true: what it packs, every snappy unpacks; hostile blocks end in `CompressionError`.
 * Leaves to others: the framing, and the check of the stated size against a limit (`Snappy.blocksUnsafe`).
 *
 * @since 0.1.0
 */
import { corrupt } from "./Compression.ts"
import * as Output from "./Output.ts"
import * as Snappy from "./Snappy.ts"

const codec = 2
const hashBits = 12
const matchMinBytes = 4
const matchMaxBytes = 64
/** The most bytes that a literal takes beyond its content: a tag and a length of four bytes. */
const literalOverheadBytes = 5

const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/**
 * Packs one block.
 *
 * @since 0.1.0
 */
export const pack: Snappy.Block = (bytes) => {
  const output = Output.make(codec, bytes.length, Infinity)
  writeLength(output, bytes.length)
  const seen = new Int32Array(1 << hashBits).fill(-1)
  let literalsAt = 0
  let at = 0
  while (at + matchMinBytes <= bytes.length) {
    const slot = Math.imul(word(bytes, at), 0x1e35a7bd) >>> (32 - hashBits)
    const candidate = seen[slot]!
    seen[slot] = at
    if (candidate < 0 || at - candidate > 0xffff || word(bytes, candidate) !== word(bytes, at)) {
      at++
      continue
    }
    let length = matchMinBytes
    while (length < matchMaxBytes && at + length < bytes.length && bytes[candidate + length] === bytes[at + length]) {
      length++
    }
    writeLiteral(output, bytes, literalsAt, at)
    writeCopy(output, at - candidate, length)
    at += length
    literalsAt = at
  }
  writeLiteral(output, bytes, literalsAt, bytes.length)
  return output.take()
}

const writeByte = (output: Output.Output, byte: number): void => {
  output.bytes[output.length++] = byte
}

const writeLength = (output: Output.Output, length: number): void => {
  output.reserve(literalOverheadBytes)
  for (; length > 0x7f; length >>>= 7) writeByte(output, (length & 0x7f) | 0x80)
  writeByte(output, length)
}

const writeLiteral = (output: Output.Output, bytes: Uint8Array, start: number, end: number): void => {
  const count = end - start
  if (count === 0) return
  output.reserve(count + literalOverheadBytes)
  const last = count - 1
  if (last < 60) writeByte(output, last << 2)
  else {
    const lengthBytes = last < 0x100 ? 1 : last < 0x10000 ? 2 : last < 0x1000000 ? 3 : 4
    writeByte(output, (59 + lengthBytes) << 2)
    for (let index = 0; index < lengthBytes; index++) writeByte(output, last >>> (8 * index))
  }
  output.append(bytes, start, end)
}

const writeCopy = (output: Output.Output, distance: number, length: number): void => {
  output.reserve(3)
  writeByte(output, ((length - 1) << 2) | 2)
  writeByte(output, distance)
  writeByte(output, distance >>> 8)
}

/**
 * Unpacks one block.
 *
 * @since 0.1.0
 */
export const unpack: Snappy.Block = (block) => {
  const length = Snappy.lengthUnsafe(block)
  const output = Output.make(codec, length, length)
  let at = 0
  while (block[at]! >= 0x80) at++
  at++
  while (at < block.length) {
    const tag = block[at++]!
    const extra = extraBytes(tag)
    if (at + extra > block.length) throw corrupt(codec, "a block ends within a tag")
    let value = 0
    for (let index = 0; index < extra; index++) value += block[at + index]! * 2 ** (8 * index)
    at += extra
    if ((tag & 3) === 0) {
      const count = (extra === 0 ? tag >>> 2 : value) + 1
      if (at + count > block.length) throw corrupt(codec, "a block ends within a literal")
      appendUnsafe(output, length, count)
      output.append(block, at, at + count)
      at += count
    } else {
      const isShort = (tag & 3) === 1
      const distance = isShort ? ((tag >>> 5) << 8) | value : value
      const count = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      if (distance === 0 || distance > output.length) throw corrupt(codec, "a copy begins before its block")
      appendUnsafe(output, length, count)
      output.repeat(distance, count)
    }
  }
  if (output.length !== length) throw corrupt(codec, `a block holds ${output.length} bytes, and states ${length}`)
  return output.take()
}

const appendUnsafe = (output: Output.Output, length: number, count: number): void => {
  if (output.length + count > length) throw corrupt(codec, `a block holds more than the ${length} bytes it states`)
}

/** The bytes that belong to a tag: a long literal's length, or a copy's distance. */
const extraBytes = (tag: number): number => {
  switch (tag & 3) {
    case 0:
      return tag >>> 2 < 60 ? 0 : (tag >>> 2) - 59
    case 1:
      return 1
    case 2:
      return 2
    default:
      return 4
  }
}
