/**
 * A growing buffer for decompressors: literals, repeats of what was written, and a hard end.
 *
 * Keeps true: never holds more than `maxBytes`; the append that would throws `CompressionError` "TooLarge".
 *
 * @since 0.1.0
 */
import * as Compression from "./Compression.ts"

/**
 * The bytes written so far are `bytes[0, length)`.
 *
 * @since 0.1.0
 */
export class Output {
  bytes: Uint8Array
  length = 0
  /** A place for readers to say how far they have read. */
  inputAt = 0
  private readonly codec: number
  private readonly maxBytes: number

  constructor(codec: number, bytes: Uint8Array, maxBytes: number) {
    this.codec = codec
    this.bytes = bytes
    this.maxBytes = maxBytes
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed > this.maxBytes) throw Compression.tooLarge(this.codec, this.maxBytes)
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.min(this.maxBytes, Math.max(needed, this.bytes.length * 2)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.reserve(count)
    if (count <= 16) {
      for (let index = 0; index < count; index++) this.bytes[this.length + index] = source[start + index]!
    } else this.bytes.set(source.subarray(start, end), this.length)
    this.length += count
  }

  /** Appends `count` bytes from `distance` bytes back, which may overlap what it appends. */
  repeat(distance: number, count: number): void {
    this.reserve(count)
    const from = this.length - distance
    if (distance >= count && count > 32) this.bytes.copyWithin(this.length, from, from + count)
    else for (let index = 0; index < count; index++) this.bytes[this.length + index] = this.bytes[from + index]!
    this.length += count
  }

  /** The bytes written. */
  take(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

/**
 * An output that expects about `expectedBytes` and holds `maxBytes` at most.
 *
 * @since 0.1.0
 */
export const make = (codec: number, expectedBytes: number, maxBytes: number): Output =>
  new Output(codec, new Uint8Array(Math.min(maxBytes, Math.max(256, expectedBytes))), maxBytes)

/**
 * Parts after each other; a single one as it is.
 *
 * @since 0.1.0
 */
export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
