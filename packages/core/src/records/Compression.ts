/**
 * The `Compression` port: Kafka's codecs, and the checksum where native code may help.
 *
 * Keeps true: an implementation reads whatever Kafka's does (several gzip members or zstd frames after each other,
 * snappy with or without xerial framing, the first lz4 frame) and refuses what Kafka refuses; what it writes, every
 * Kafka client reads; nothing expands beyond the limit that the caller names.
 * Leaves to others: which bytes of a batch are compressed (`RecordBatchBuilder`, `RecordCursor`).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import * as Crc32c from "../hash/Crc32c.ts"

/**
 * Kafka's codec ids, as they stand in the attributes of a batch.
 *
 * @since 0.1.0
 */
export const Codec = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

/**
 * The id of a codec.
 *
 * @since 0.1.0
 */
export type Codec = typeof Codec[keyof typeof Codec]

/**
 * The name of a codec, as in `compression.type`.
 *
 * @since 0.1.0
 */
export type CodecName = keyof typeof Codec

/**
 * The codecs' names by id.
 *
 * @since 0.1.0
 */
export const codecNames: ReadonlyArray<CodecName> = ["none", "gzip", "snappy", "lz4", "zstd"]

/**
 * Whether a number is the id of a codec.
 *
 * @since 0.1.0
 */
export const isCodec = (id: number): id is Codec => id >= Codec.none && id <= Codec.zstd

/**
 * The levels that a codec has.
 *
 * @since 0.1.0
 */
export interface Levels {
  readonly min: number
  readonly max: number
  /** May be out of the range, where it stands for the codec's own choice. */
  readonly default: number
}

/**
 * The levels of the codecs that have any, as in Kafka's `compression.gzip.level`, `compression.lz4.level` and
 * `compression.zstd.level`.
 *
 * @since 0.1.0
 */
export const levels: Readonly<Partial<Record<Codec, Levels>>> = {
  [Codec.gzip]: { min: 1, max: 9, default: -1 },
  [Codec.lz4]: { min: 1, max: 17, default: 9 },
  [Codec.zstd]: { min: -131072, max: 22, default: 3 }
}

/**
 * Why bytes could not be packed or unpacked.
 *
 * - `Corrupt`: the bytes are not what the codec writes, or are cut short.
 * - `TooLarge`: they expand beyond the limit given.
 * - `Unsupported`: no such codec, no such level of it, or a form of it that is not read here.
 *
 * @since 0.1.0
 */
export class CompressionError extends Data.TaggedError("CompressionError")<{
  readonly reason: "Corrupt" | "TooLarge" | "Unsupported"
  readonly codec: number
  readonly detail: string
}> {
  override get message(): string {
    return `${codecNames[this.codec] ?? `codec ${this.codec}`}: ${this.detail}`
  }
}

/**
 * Bytes that are not what the codec writes.
 *
 * @since 0.1.0
 */
export const corrupt = (codec: number, detail: string): CompressionError =>
  new CompressionError({ reason: "Corrupt", codec, detail })

/**
 * Bytes that expand beyond `maxBytes`.
 *
 * @since 0.1.0
 */
export const tooLarge = (codec: number, maxBytes: number): CompressionError =>
  new CompressionError({
    reason: "TooLarge",
    codec,
    detail: `expands beyond ${maxBytes} bytes; raise the limit if this is no attack`
  })

/**
 * A codec, or a form of it, that is not read here.
 *
 * @since 0.1.0
 */
export const unsupported = (codec: number, detail: string): CompressionError =>
  new CompressionError({ reason: "Unsupported", codec, detail })

/**
 * Throws `CompressionError` if a codec lacks the level. Where none is named, or the codec has none (snappy), any goes.
 *
 * @since 0.1.0
 */
export const checkLevelUnsafe = (codec: Codec, level: number | undefined): void => {
  const range = levels[codec]
  if (level === undefined || range === undefined || level === range.default) return
  if (Number.isInteger(level) && level >= range.min && level <= range.max) return
  throw unsupported(codec, `level ${level} is not within ${range.min} and ${range.max}`)
}

/**
 * The codecs. `…Unsafe` works at once and throws `CompressionError`; the Effects leave the event loop for large blocks
 * (`limits.compressionInlineMaxBytes`). With codec none, bytes pass through by reference.
 *
 * @since 0.1.0
 */
export class Compression extends Context.Service<Compression, {
  /** CRC-32C with the results of `Crc32c.crc32c`, perhaps faster. */
  readonly crc32c: Crc32c.Crc32c
  /**
   * Compresses; `level` is one of `levels`, the codec's default when left out. What an implementation does not have is
   * done with the effort that it has (lz4 here has one), so that a level never makes bytes unreadable.
   */
  readonly compressUnsafe: (codec: Codec, bytes: Uint8Array, level?: number) => Uint8Array
  /** Decompresses to at most `maxBytes` (`limits.decompressedBatchMaxBytes` when left out). */
  readonly decompressUnsafe: (codec: number, bytes: Uint8Array, maxBytes?: number) => Uint8Array
  readonly compress: (codec: Codec, bytes: Uint8Array, level?: number) => Effect.Effect<Uint8Array, CompressionError>
  readonly decompress: (
    codec: number,
    bytes: Uint8Array,
    maxBytes?: number
  ) => Effect.Effect<Uint8Array, CompressionError>
}>()("@millrace/core/records/Compression") {}

/**
 * The part of `Compression` that synchronous code over records needs.
 *
 * @since 0.1.0
 */
export type Codecs = Pick<Compression["Service"], "crc32c" | "compressUnsafe" | "decompressUnsafe">

const refuse = (codec: number, bytes: Uint8Array): Uint8Array => {
  if (codec === Codec.none) return bytes
  throw unsupported(codec, "no codecs here; provide Compression")
}

/**
 * For records that are never compressed, such as control records: codec none and the pure checksum.
 *
 * @since 0.1.0
 */
export const uncompressed: Codecs = { crc32c: Crc32c.crc32c, compressUnsafe: refuse, decompressUnsafe: refuse }
