/**
 * A cursor that writes the protocol's primitive types, and passes large byte fields on by reference.
 *
 * Keeps true: what was written is never moved or written to again, so that the chunks it yields may be held; a value
 * that its type can't hold throws `ProtocolError`. Small messages share slabs, so that a request costs no allocation
 * of its own; whoever keeps bytes for long takes `toBytes`, which is an exact copy.
 * Leaves to others: which types follow each other.
 *
 * @since 0.1.0
 */
import { bytesByReferenceMin, writerSlabBytes } from "../limits.ts"
import { refuse } from "./ProtocolError.ts"
import * as Utf8 from "./Utf8.ts"
import * as Uuid from "./Uuid.ts"

const scratch = new DataView(new ArrayBuffer(8))

/** What is left of the slab, for the next writer; a writer at work has it for itself. */
let spare: Uint8Array = new Uint8Array(0)

/** Less room than this is not worth handing on. */
const spareMinBytes = 512

/**
 * Collects a message. Call `chunks` or `toBytes` once, at the end.
 *
 * @since 0.1.0
 */
export class ByteWriter {
  private readonly sealed: Array<Uint8Array> = []
  private sealedLength = 0
  private buffer: Uint8Array
  private start = 0
  private position = 0

  constructor() {
    this.buffer = spare.length >= spareMinBytes ? spare : new Uint8Array(writerSlabBytes)
    spare = this.buffer.subarray(0, 0)
  }

  /** How many bytes were written so far. */
  get length(): number {
    return this.sealedLength + this.position - this.start
  }

  private seal(): void {
    if (this.position === this.start) return
    this.sealed.push(this.buffer.subarray(this.start, this.position))
    this.sealedLength += this.position - this.start
    this.start = this.position
  }

  /** Makes room for `length` bytes in one piece and returns where they go. */
  private reserve(length: number): number {
    if (this.position + length > this.buffer.length) {
      this.seal()
      this.buffer = new Uint8Array(Math.max(length, writerSlabBytes))
      this.start = 0
      this.position = 0
    }
    const at = this.position
    this.position += length
    return at
  }

  boolean(value: boolean): void {
    const at = this.reserve(1)
    this.buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) refuse("Unencodable", `not an int8: ${value}`)
    const at = this.reserve(1)
    this.buffer[at] = value
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) refuse("Unencodable", `not an int16: ${value}`)
    const at = this.reserve(2)
    this.buffer[at] = value >> 8
    this.buffer[at + 1] = value
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) refuse("Unencodable", `not a uint16: ${value}`)
    this.int16((value << 16) >> 16)
  }

  int32(value: number): void {
    if ((value | 0) !== value) refuse("Unencodable", `not an int32: ${value}`)
    const at = this.reserve(4)
    const buffer = this.buffer
    buffer[at] = value >> 24
    buffer[at + 1] = value >> 16
    buffer[at + 2] = value >> 8
    buffer[at + 3] = value
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) refuse("Unencodable", `not a uint32: ${value}`)
    this.int32(value | 0)
  }

  /** An integer; what is beyond 64 bits, and 2^63 itself, becomes the largest (smallest) that fits. */
  int64(value: number): void {
    if (value >= 0x8000000000000000) {
      this.int32(0x7fffffff)
      this.int32(-1)
      return
    }
    if (!Number.isInteger(value)) refuse("Unencodable", `not an int64: ${value}`)
    const clipped = value < -0x8000000000000000 ? -0x8000000000000000 : value
    const high = Math.floor(clipped / 0x100000000)
    this.int32(high)
    this.int32((clipped - high * 0x100000000) | 0)
  }

  bigint64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) refuse("Unencodable", `not an int64: ${value}`)
    this.int32(Number(value >> 32n))
    this.int32(Number(BigInt.asIntN(32, value)))
  }

  float64(value: number): void {
    scratch.setFloat64(0, value)
    this.int32(scratch.getInt32(0))
    this.int32(scratch.getInt32(4))
  }

  uuid(value: string): void {
    const at = this.reserve(16)
    Uuid.writeUnsafe(value, this.buffer, at)
  }

  /** An integer from -2^31 to 2^32-1; a negative one counts as its 32 bits. */
  unsignedVarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      const at = this.reserve(1)
      this.buffer[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    const at = this.reserve(1)
    this.buffer[at] = rest
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.unsignedVarint((value << 1) ^ (value >> 31))
  }

  unsignedVarlong(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    while (rest > 0x7fn) {
      const at = this.reserve(1)
      this.buffer[at] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    const at = this.reserve(1)
    this.buffer[at] = Number(rest)
  }

  /** Zigzag, 64 bits. */
  varlong(value: bigint): void {
    this.unsignedVarlong((value << 1n) ^ (value >> 63n))
  }

  /** The text's UTF-8; `length` is its `Utf8.byteLength`. */
  string(value: string, length: number): void {
    const at = this.reserve(length)
    Utf8.write(value, this.buffer, at)
  }

  /**
   * ASCII text behind its length, in one pass, with the length as a varint of it plus one or as an int16. Writes nothing
   * and says false if the text has other characters, or is so long that the varint would take more than a byte.
   */
  ascii(value: string, compact: boolean): boolean {
    const length = value.length
    if (length > 0x7e) return false
    const at = this.reserve(length + (compact ? 1 : 2))
    const buffer = this.buffer
    let end = at
    if (compact) buffer[end++] = length + 1
    else {
      buffer[end++] = 0
      buffer[end++] = length
    }
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        this.position = at
        return false
      }
      buffer[end++] = unit
    }
    return true
  }

  /** Copies what is small and refers to what is large; the bytes must not change any more. */
  bytes(value: Uint8Array): void {
    if (value.length < bytesByReferenceMin) {
      const at = this.reserve(value.length)
      this.buffer.set(value, at)
      return
    }
    this.seal()
    this.sealed.push(value)
    this.sealedLength += value.length
  }

  /** Four bytes to be filled by `patchInt32` once what follows is known; only as the first thing written. */
  placeholder(): void {
    this.reserve(4)
  }

  /** Fills the placeholder at the very beginning. */
  patchInt32(value: number): void {
    const first = this.sealed[0] ?? this.buffer.subarray(this.start, this.position)
    first[0] = value >> 24
    first[1] = value >> 16
    first[2] = value >> 8
    first[3] = value
  }

  /** What was written, in order; the writer is done. */
  chunks(): ReadonlyArray<Uint8Array> {
    this.seal()
    this.release()
    return this.sealed
  }

  /** A copy of what was written, in one piece that nothing else shares; the writer is done. */
  toBytes(): Uint8Array {
    const result = new Uint8Array(this.length)
    let at = 0
    for (const chunk of this.sealed) {
      result.set(chunk, at)
      at += chunk.length
    }
    result.set(this.buffer.subarray(this.start, this.position), at)
    // Nothing refers to the unsealed piece: its room can be used again.
    this.position = this.start
    this.release()
    return result
  }

  private release(): void {
    const rest = this.buffer.length - this.position
    if (rest > spare.length) spare = this.buffer.subarray(this.position)
  }
}
