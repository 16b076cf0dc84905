/**
 * A cursor that reads the protocol's primitive types from bytes that it never copies.
 *
 * Keeps true: a read beyond the end throws `ProtocolError`, and nothing is allocated on the word of a length before
 * the bytes are there. It is as lenient as Kafka: padded varints pass, their surplus high bits are ignored.
 * Leaves to others: which types follow each other.
 *
 * @since 0.1.0
 */
import { messageElementsMax } from "../limits.ts"
import { refuse } from "./ProtocolError.ts"
import * as Utf8 from "./Utf8.ts"
import * as Uuid from "./Uuid.ts"

const scratch = new DataView(new ArrayBuffer(8))

/**
 * Reads forward through `bytes[position, end)`.
 *
 * @since 0.1.0
 */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  position: number
  private elements = 0
  private dataView: DataView | undefined

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  /** All of `bytes`, to read many numbers from: twice as fast as byte by byte, once it has been made. */
  get data(): DataView {
    return this.dataView ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Moves on by `length` bytes and returns where they start. */
  take(length: number): number {
    const start = this.position
    if (length > this.end - start || length < 0) {
      refuse("Truncated", `wanted ${length} bytes, only ${this.end - start} are left`)
    }
    this.position = start + length
    return start
  }

  /** Counts elements of collections before they are read: small ones take far more memory than bytes. */
  claim(elements: number): void {
    this.elements += elements
    if (this.elements > messageElementsMax) {
      refuse("Oversized", `${this.elements} elements in one message (at most ${messageElementsMax})`)
    }
  }

  boolean(): boolean {
    return this.bytes[this.take(1)] !== 0
  }

  int8(): number {
    return (this.bytes[this.take(1)]! << 24) >> 24
  }

  int16(): number {
    return (this.uint16() << 16) >> 16
  }

  uint16(): number {
    const at = this.take(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  int32(): number {
    const at = this.take(4)
    const bytes = this.bytes
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  /** So many of them: the commonest collection, hence the fastest. */
  int32s(count: number): Array<number> {
    const data = this.data
    const values = new Array<number>(count)
    let at = this.take(4 * count)
    for (let i = 0; i < count; i++, at += 4) values[i] = data.getInt32(at)
    return values
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  /** The nearest double; exact within ±2^53. */
  int64(): number {
    return this.int32() * 0x100000000 + this.uint32()
  }

  bigint64(): bigint {
    return (BigInt(this.int32()) << 32n) | BigInt(this.uint32())
  }

  float64(): number {
    scratch.setInt32(0, this.int32())
    scratch.setInt32(4, this.int32())
    return scratch.getFloat64(0)
  }

  uuid(): string {
    const at = this.take(16)
    const bytes = this.bytes
    for (let i = at; i < at + 16; i++) if (bytes[i] !== 0) return Uuid.fromBytes(bytes, at)
    return Uuid.zero
  }

  /** An unsigned varint as Kafka holds it: a signed 32-bit integer, negative from 2^31 on. */
  unsignedVarint(): number {
    const bytes = this.bytes
    const first = bytes[this.take(1)]!
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = bytes[this.take(1)]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return refuse("Malformed", "a varint is longer than 5 bytes")
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const value = this.unsignedVarint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** Seven bits a byte, at most ten bytes, cut to 64 bits. */
  unsignedVarlong(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.take(1)]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    return refuse("Malformed", "a varlong is longer than 10 bytes")
  }

  /** Zigzag, 64 bits. */
  varlong(): bigint {
    const value = this.unsignedVarlong()
    return (value >> 1n) ^ -(value & 1n)
  }

  string(length: number): string {
    const start = this.take(length)
    return Utf8.read(this.bytes, start, start + length)
  }

  /** A view into the bytes that are read, never a copy. */
  view(length: number): Uint8Array {
    const start = this.take(length)
    return this.bytes.subarray(start, start + length)
  }
}
