/**
 * The compressed blocks of zstd frames (RFC 8878 §3.1.1.3): literals, and sequences that copy them and what came before.
 *
 * Keeps true: hostile blocks end in `CompressionError`; a block gives no more than the format allows, and the output
 * keeps its limit.
 * Leaves to others: frames (`Zstd.ts`), entropy codes (`ZstdEntropy.ts`), speed (`platform/node/NodeCompression`).
 *
 * @since 0.1.0
 */
import { Codec, corrupt } from "./Compression.ts"
import type * as Output from "./Output.ts"
import * as Entropy from "./ZstdEntropy.ts"

/**
 * What a block holds at most, in bytes.
 *
 * @since 0.1.0
 */
export const blockMaxBytes = 128 * 1024

const refuse = (detail: string): never => {
  throw corrupt(Codec.zstd, detail)
}

/** One of the three kinds of symbols of a sequence. */
interface Kind {
  readonly symbolMax: number
  readonly logMax: number
  readonly predefined: Entropy.Fse
}

const ones = (count: number): ReadonlyArray<number> => Array.from({ length: count }, () => 1)
const rare = (count: number): ReadonlyArray<number> => Array.from({ length: count }, () => -1)
const twos = (count: number): ReadonlyArray<number> => Array.from({ length: count }, () => 2)

const literalLengths: Kind = {
  symbolMax: 35,
  logMax: 9,
  predefined: Entropy.fseOf([4, 3, ...twos(11), ...ones(3), ...twos(9), 3, 2, ...ones(5), ...rare(4)], 6)
}
const offsets: Kind = {
  symbolMax: 31,
  logMax: 8,
  predefined: Entropy.fseOf([...ones(6), ...twos(3), ...ones(15), ...rare(5)], 5)
}
const matchLengths: Kind = {
  symbolMax: 52,
  logMax: 9,
  predefined: Entropy.fseOf([1, 4, 3, ...twos(6), ...ones(37), ...rare(7)], 6)
}

const zeros = (count: number): ReadonlyArray<number> => Array.from({ length: count }, () => 0)
const literalExtra = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const matchExtra = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]

/** What each code stands for, less its extra bits: codes follow each other without a gap. */
const basesOf = (extra: ReadonlyArray<number>, first: number): ReadonlyArray<number> => {
  let base = first
  return extra.map((bits) => {
    const own = base
    base += 1 << bits
    return own
  })
}
const literalBases = basesOf(literalExtra, 0)
const matchBases = basesOf(matchExtra, 3)

/** What one literals section holds, and where it ends. */
interface Literals {
  readonly bytes: Uint8Array
  readonly end: number
}

/**
 * A reader of a frame's blocks, one after the other: codes and offsets may be those of the block before.
 *
 * @since 0.1.0
 */
export class BlockReader {
  private huffman: Entropy.Huffman | undefined
  private readonly tables: Array<Entropy.Fse | undefined> = [undefined, undefined, undefined]
  private readonly recent: [number, number, number] = [1, 4, 8]
  private readonly output: Output.Output
  private readonly frameAt: number

  constructor(output: Output.Output) {
    this.output = output
    this.frameAt = output.length
  }

  /** Appends what the compressed block `bytes[at, end)` holds. */
  readUnsafe(bytes: Uint8Array, at: number, end: number): void {
    if (at >= end) refuse("a compressed block is empty")
    const before = this.output.length
    const literals = this.readLiterals(bytes, at, end)
    this.readSequences(bytes, literals.end, end, literals.bytes, before + blockMaxBytes)
    if (this.output.length - before > blockMaxBytes) refuse("a block is too large")
  }

  private readLiterals(bytes: Uint8Array, at: number, end: number): Literals {
    const type = bytes[at]! & 3
    const format = (bytes[at]! >>> 2) & 3
    return type < 2
      ? this.readPlainLiterals(bytes, at, end, type === 1, format)
      : this.readPackedLiterals(bytes, at, end, type === 3, format)
  }

  private readPlainLiterals(bytes: Uint8Array, at: number, end: number, isRepeat: boolean, format: number): Literals {
    const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1
    if (at + headBytes > end) refuse("a literals section is cut short")
    const head = readLittle(bytes, at, headBytes)
    const size = headBytes === 1 ? head >>> 3 : head >>> 4
    const from = at + headBytes
    const next = from + (isRepeat ? 1 : size)
    if (size > blockMaxBytes || next > end) refuse("a literals section does not fit its block")
    return { bytes: isRepeat ? new Uint8Array(size).fill(bytes[from]!) : bytes.subarray(from, next), end: next }
  }

  private readPackedLiterals(
    bytes: Uint8Array,
    at: number,
    end: number,
    isTreeless: boolean,
    format: number
  ): Literals {
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18
    const headBytes = format < 2 ? 3 : format + 2
    if (at + headBytes > end) refuse("a literals section is cut short")
    const head = Math.floor(readLittle(bytes, at, headBytes) / 16)
    const size = head % (1 << sizeBits)
    let from = at + headBytes
    const next = from + Math.floor(head / (1 << sizeBits))
    if (size > blockMaxBytes || next > end) refuse("a literals section does not fit its block")
    if (!isTreeless) {
      const code = Entropy.readHuffman(bytes, from, next)
      this.huffman = code.table
      from = code.end
    }
    const huffman = this.huffman ?? refuse("a literals section refers to a code that was not given")
    const literals = new Uint8Array(size)
    if (format === 0) Entropy.decodeHuffman(huffman, bytes, from, next, literals, 0, size)
    else decodeFour(huffman, bytes, from, next, literals)
    return { bytes: literals, end: next }
  }

  private readSequences(bytes: Uint8Array, at: number, end: number, literals: Uint8Array, lengthMax: number): void {
    const head = at < end ? bytes[at]! : refuse("a sequences section is missing")
    const headBytes = head < 128 ? 1 : head < 255 ? 2 : 3
    if (at + headBytes > end) refuse("a sequences section is cut short")
    const count = head < 128
      ? head
      : head < 255
      ? ((head - 128) << 8) + bytes[at + 1]!
      : readLittle(bytes, at + 1, 2) + 0x7f00
    if (count === 0 && at + headBytes !== end) refuse("bytes follow an empty sequences section")
    const used = count === 0 ? 0 : this.execute(bytes, at + headBytes, end, count, literals, lengthMax)
    this.output.append(literals, used, literals.length)
  }

  /** Runs the sequences, and says how many of the literals they took. */
  private execute(
    bytes: Uint8Array,
    at: number,
    end: number,
    count: number,
    literals: Uint8Array,
    lengthMax: number
  ): number {
    const modes = at < end ? bytes[at]! : refuse("a sequences section is cut short")
    if ((modes & 3) !== 0) refuse("a reserved bit of a sequences section is set")
    let next = at + 1
    for (const [index, kind] of [literalLengths, offsets, matchLengths].entries()) {
      next = this.readTable(bytes, next, end, index, kind, (modes >>> (6 - 2 * index)) & 3)
    }
    const [literalTable, offsetTable, matchTable] = this.tables as [Entropy.Fse, Entropy.Fse, Entropy.Fse]
    const bits = new Entropy.BackwardBits(bytes, next, end)
    let literalState = bits.read(literalTable.log)
    let offsetState = bits.read(offsetTable.log)
    let matchState = bits.read(matchTable.log)
    let used = 0
    for (let left = count; left > 0; left--) {
      const offsetCode = offsetTable.symbols[offsetState]!
      const matchCode = matchTable.symbols[matchState]!
      const literalCode = literalTable.symbols[literalState]!
      const offsetValue = 2 ** offsetCode + bits.read(offsetCode)
      const matchLength = matchBases[matchCode]! + bits.read(matchExtra[matchCode]!)
      const literalLength = literalBases[literalCode]! + bits.read(literalExtra[literalCode]!)
      if (left > 1) {
        literalState = literalTable.bases[literalState]! + bits.read(literalTable.bits[literalState]!)
        matchState = matchTable.bases[matchState]! + bits.read(matchTable.bits[matchState]!)
        offsetState = offsetTable.bases[offsetState]! + bits.read(offsetTable.bits[offsetState]!)
      }
      if (bits.left < 0) refuse("the sequences end early")
      if (used + literalLength > literals.length) refuse("a sequence takes more literals than there are")
      if (this.output.length + literalLength + matchLength > lengthMax) refuse("a block is too large")
      this.output.append(literals, used, used + literalLength)
      used += literalLength
      this.copy(this.offsetOf(offsetValue, literalLength), matchLength)
    }
    if (bits.left !== 0) refuse("bits are left after the last sequence")
    return used
  }

  private readTable(bytes: Uint8Array, at: number, end: number, index: number, kind: Kind, mode: number): number {
    switch (mode) {
      case 0:
        this.tables[index] = kind.predefined
        return at
      case 1: {
        const symbol = at < end ? bytes[at]! : refuse("a sequences section is cut short")
        if (symbol > kind.symbolMax) refuse("a sequence has an unknown code")
        this.tables[index] = Entropy.fseOfOne(symbol)
        return at + 1
      }
      case 2: {
        const read = Entropy.readFse(bytes, at, end, kind.symbolMax, kind.logMax)
        this.tables[index] = read.table
        return read.end
      }
      default:
        if (this.tables[index] === undefined) refuse("a sequences section refers to a table that was not given")
        return at
    }
  }

  /** Values up to 3 name one of the offsets that were used last. */
  private offsetOf(value: number, literalLength: number): number {
    const recent = this.recent
    const place = value > 3 ? 3 : value - 1 + (literalLength === 0 ? 1 : 0)
    const offset = value > 3 ? value - 3 : place < 3 ? recent[place]! : recent[0] - 1
    if (place > 1) recent[2] = recent[1]
    if (place > 0) recent[1] = recent[0]
    recent[0] = offset
    return offset
  }

  private copy(offset: number, length: number): void {
    if (offset < 1 || offset > this.output.length - this.frameAt) refuse("a sequence copies from before the frame")
    this.output.repeat(offset, length)
  }
}

/** Up to five bytes, little-endian. */
const readLittle = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[at + index]!
  return value
}

const jumpTableBytes = 6

/** Four streams, whose lengths (but the last) stand before them, and which give a quarter each. */
const decodeFour = (
  huffman: Entropy.Huffman,
  bytes: Uint8Array,
  at: number,
  end: number,
  literals: Uint8Array
): void => {
  if (at + jumpTableBytes > end) refuse("a literals section is cut short")
  const quarter = (literals.length + 3) >> 2
  let from = at + jumpTableBytes
  for (let stream = 0; stream < 4; stream++) {
    const next = stream === 3 ? end : from + readLittle(bytes, at + stream * 2, 2)
    if (next > end) refuse("a literals section is cut short")
    const to = Math.min(literals.length, (stream + 1) * quarter)
    Entropy.decodeHuffman(huffman, bytes, from, next, literals, Math.min(stream * quarter, to), to)
    from = next
  }
}
