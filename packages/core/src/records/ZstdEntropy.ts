/**
 * The entropy codes of zstd (RFC 8878 §4): finite state entropy and Huffman, read from bits that run backwards.
 *
 * Keeps true: hostile tables and streams end in `CompressionError`; tables are no larger than the format allows.
 * Leaves to others: what the symbols mean (`ZstdBlock.ts`).
 *
 * @since 0.1.0
 */
import { Codec, corrupt } from "./Compression.ts"

/**
 * The place of the highest bit of a positive integer.
 *
 * @since 0.1.0
 */
export const highestBit = (value: number): number => 31 - Math.clz32(value)

const refuse = (detail: string): never => {
  throw corrupt(Codec.zstd, detail)
}

/**
 * Bits of `bytes[start, end)` from the last to the first; the highest set bit of the last byte only marks where they
 * begin. Reading on before the first bit gives zeros, and a `left` below 0.
 *
 * @since 0.1.0
 */
export class BackwardBits {
  /** How many bits are left. */
  left: number
  private readonly bytes: Uint8Array
  private readonly start: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    if (end <= start || bytes[end - 1] === 0) refuse("a bit stream has no end mark")
    this.bytes = bytes
    this.start = start
    this.left = (end - start - 1) * 8 + highestBit(bytes[end - 1]!)
  }

  /** The next `count` bits, 31 at most. */
  read(count: number): number {
    if (count > 16) return this.read(count - 16) * 0x10000 + this.read(16)
    this.left -= count
    const from = Math.max(0, this.left)
    const bits = count - (from - this.left)
    if (bits <= 0) return 0
    const at = this.start + (from >> 3)
    const word = this.bytes[at]! | ((this.bytes[at + 1] ?? 0) << 8) | ((this.bytes[at + 2] ?? 0) << 16)
    return ((word >>> (from & 7)) & ((1 << bits) - 1)) << (from - this.left)
  }
}

/**
 * A table of finite state entropy: by state, its symbol, and how the next state follows.
 *
 * @since 0.1.0
 */
export interface Fse {
  readonly log: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
  readonly bases: Uint16Array
}

/**
 * The table of normalised counts, -1 for "less than one".
 *
 * @since 0.1.0
 */
export const fseOf = (counts: ReadonlyArray<number>, log: number): Fse => {
  const size = 1 << log
  const symbols = new Uint8Array(size)
  const next = counts.map((count) => count < 0 ? 1 : count)
  let top = size
  counts.forEach((count, symbol) => {
    if (count < 0) symbols[--top] = symbol
  })
  const step = (size >> 1) + (size >> 3) + 3
  let at = 0
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol
      do at = (at + step) & (size - 1)
      while (at >= top)
    }
  })
  if (at !== 0) refuse("the counts of a table do not fill it")
  const bits = new Uint8Array(size)
  const bases = new Uint16Array(size)
  for (let state = 0; state < size; state++) {
    const following = next[symbols[state]!]!++
    bits[state] = log - highestBit(following)
    bases[state] = (following << bits[state]!) - size
  }
  return { log, symbols, bits, bases }
}

/**
 * The table that always gives one symbol.
 *
 * @since 0.1.0
 */
export const fseOfOne = (symbol: number): Fse => ({
  log: 0,
  symbols: new Uint8Array([symbol]),
  bits: new Uint8Array(1),
  bases: new Uint16Array(1)
})

/** Bits of `bytes[at, end)` from the first to the last. */
class ForwardBits {
  private readonly bytes: Uint8Array
  private readonly end: number
  private bit: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.bit = at * 8
    this.end = end * 8
  }

  read(count: number): number {
    if (this.bit + count > this.end) refuse("a table is cut short")
    const at = this.bit >> 3
    const word = this.bytes[at]! | ((this.bytes[at + 1] ?? 0) << 8) | ((this.bytes[at + 2] ?? 0) << 16)
    const value = (word >>> (this.bit & 7)) & ((1 << count) - 1)
    this.bit += count
    return value
  }

  /** Gives bits back. */
  unread(count: number): void {
    this.bit -= count
  }

  /** Where the next whole byte begins. */
  get at(): number {
    return (this.bit + 7) >> 3
  }
}

/** A count in as few bits as what remains allows: small ones take one bit less. */
const readCount = (bits: ForwardBits, remaining: number): number => {
  const width = highestBit(remaining + 1) + 1
  const value = bits.read(width)
  const mask = (1 << (width - 1)) - 1
  const threshold = (1 << width) - 2 - remaining
  if ((value & mask) < threshold) {
    bits.unread(1)
    return (value & mask) - 1
  }
  return (value > mask ? value - threshold : value) - 1
}

/**
 * Reads a table that stands at `at`, and where it ends.
 *
 * @since 0.1.0
 */
export const readFse = (
  bytes: Uint8Array,
  at: number,
  end: number,
  symbolMax: number,
  logMax: number
): { readonly table: Fse; readonly end: number } => {
  const bits = new ForwardBits(bytes, at, end)
  const log = bits.read(4) + 5
  if (log > logMax) refuse("a table is larger than it may be")
  const counts: Array<number> = []
  for (let remaining = 1 << log; remaining > 0;) {
    const count = readCount(bits, remaining)
    remaining -= Math.abs(count)
    counts.push(count)
    for (let repeat = count === 0 ? 3 : 0; repeat === 3;) {
      repeat = bits.read(2)
      for (let i = 0; i < repeat; i++) counts.push(0)
    }
    if (remaining < 0 || counts.length > symbolMax + 1) refuse("the counts of a table do not fit it")
  }
  return { table: fseOf(counts, log), end: bits.at }
}

/**
 * A Huffman code: by as many bits as the longest code has, the symbol and how many of them it takes.
 *
 * @since 0.1.0
 */
export interface Huffman {
  readonly bitsMax: number
  readonly symbols: Uint8Array
  readonly bits: Uint8Array
}

const huffmanBitsMax = 11
const weightLogMax = 6
const weightsMax = 255

/** The weights, packed with two interleaved states. */
const readWeights = (bytes: Uint8Array, at: number, end: number): Array<number> => {
  const { end: streamAt, table } = readFse(bytes, at, end, huffmanBitsMax + 1, weightLogMax)
  const bits = new BackwardBits(bytes, streamAt, end)
  const states = [bits.read(table.log), bits.read(table.log)]
  const weights: Array<number> = []
  for (let turn = 0; weights.length < weightsMax; turn ^= 1) {
    const state = states[turn]!
    weights.push(table.symbols[state]!)
    states[turn] = table.bases[state]! + bits.read(table.bits[state]!)
    if (bits.left < 0) {
      weights.push(table.symbols[states[turn ^ 1]!]!)
      return weights
    }
  }
  return refuse("a Huffman code has too many weights")
}

/** The code of these weights; that of the last symbol follows from the others. */
const huffmanOf = (weights: Array<number>): Huffman => {
  let sum = 0
  for (const weight of weights) sum += weight > 0 ? 1 << (weight - 1) : 0
  if (sum === 0 || sum >= 1 << huffmanBitsMax) refuse("the weights of a Huffman code do not fit it")
  const bitsMax = highestBit(sum) + 1
  const rest = (1 << bitsMax) - sum
  if ((rest & (rest - 1)) !== 0 || weights.some((weight) => weight > bitsMax)) refuse("a Huffman code is not complete")
  weights.push(highestBit(rest) + 1)
  const symbols = new Uint8Array(1 << bitsMax)
  const bits = new Uint8Array(1 << bitsMax)
  let at = 0
  for (let weight = 1; weight <= bitsMax; weight++) {
    weights.forEach((other, symbol) => {
      if (other !== weight) return
      const end = at + (1 << (weight - 1))
      symbols.fill(symbol, at, end)
      bits.fill(bitsMax + 1 - weight, at, end)
      at = end
    })
  }
  return { bitsMax, symbols, bits }
}

/**
 * Reads a Huffman code that stands at `at`, and where it ends.
 *
 * @since 0.1.0
 */
export const readHuffman = (
  bytes: Uint8Array,
  at: number,
  end: number
): { readonly table: Huffman; readonly end: number } => {
  const head = at < end ? bytes[at]! : refuse("a Huffman code is cut short")
  const count = head - 127
  const next = at + 1 + (head < 128 ? head : (count + 1) >> 1)
  if (next > end) refuse("a Huffman code is cut short")
  const weights = head < 128
    ? readWeights(bytes, at + 1, next)
    : Array.from({ length: count }, (_, i) => (bytes[at + 1 + (i >> 1)]! >>> (i % 2 === 0 ? 4 : 0)) & 15)
  return { table: huffmanOf(weights), end: next }
}

/**
 * Decodes the stream `bytes[start, end)` into `output[from, to)`, which it must fill exactly.
 *
 * @since 0.1.0
 */
export const decodeHuffman = (
  { bits, bitsMax, symbols }: Huffman,
  bytes: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  from: number,
  to: number
): void => {
  const stream = new BackwardBits(bytes, start, end)
  const mask = (1 << bitsMax) - 1
  let state = stream.read(bitsMax)
  for (let at = from; at < to; at++) {
    output[at] = symbols[state]!
    const count = bits[state]!
    state = ((state << count) & mask) | stream.read(count)
  }
  if (stream.left !== -bitsMax) refuse("a Huffman stream does not end where it should")
}
