/**
 * The `Compression` port without native code: for simulations, where every byte must come out the same anywhere.
 *
 * Keeps true: it reads what any Kafka client writes, and all it writes, every Kafka client reads. snappy and lz4
 * compress; gzip and zstd are written as stored blocks, which take as much room as their content.
 * Leaves to others: speed, leaving the event loop: `platform/node/NodeCompression`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { crc32 } from "../hash/Crc32.ts"
import { crc32c } from "../hash/Crc32c.ts"
import { decompressedBatchMaxBytes } from "../limits.ts"
import { checkLevelUnsafe, Codec, Compression, CompressionError, unsupported } from "./Compression.ts"
import * as Gzip from "./Gzip.ts"
import * as Inflate from "./Inflate.ts"
import * as Lz4 from "./Lz4.ts"
import * as Output from "./Output.ts"
import * as Snappy from "./Snappy.ts"
import * as SnappyBlock from "./SnappyBlock.ts"
import * as Zstd from "./Zstd.ts"

const compressUnsafe = (codec: Codec, bytes: Uint8Array, level?: number): Uint8Array => {
  checkLevelUnsafe(codec, level)
  switch (codec) {
    case Codec.none:
      return bytes
    case Codec.gzip:
      return Gzip.store(bytes, Inflate.writeStored, crc32)
    case Codec.snappy:
      return Snappy.compress(bytes, SnappyBlock.pack)
    case Codec.lz4:
      return Lz4.compress(bytes)
    case Codec.zstd:
      return Zstd.store(bytes)
  }
}

const decompressUnsafe = (codec: number, bytes: Uint8Array, maxBytes = decompressedBatchMaxBytes): Uint8Array => {
  switch (codec) {
    case Codec.none:
      return bytes
    case Codec.gzip:
      return Gzip.decompressUnsafe(bytes, maxBytes, Inflate.inflateUnsafe, crc32)
    case Codec.snappy:
      return Snappy.decompressUnsafe(bytes, maxBytes, SnappyBlock.unpack)
    case Codec.lz4:
      return Lz4.decompressUnsafe(bytes, maxBytes)
    case Codec.zstd:
      return unzstdUnsafe(bytes, maxBytes)
    default:
      throw unsupported(codec, "no codec has this id")
  }
}

const unzstdUnsafe = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  const output = Output.make(Codec.zstd, bytes.length, maxBytes)
  for (const frame of Zstd.framesUnsafe(bytes)) Zstd.appendUnsafe(frame, output)
  return output.take()
}

const attempt = (run: () => Uint8Array): Effect.Effect<Uint8Array, CompressionError> =>
  Effect.try({
    try: run,
    catch: (cause) => {
      if (cause instanceof CompressionError) return cause
      throw cause
    }
  })

/**
 * All codecs, in plain TypeScript.
 *
 * @since 0.1.0
 */
export const make: Compression["Service"] = Compression.of({
  crc32c,
  compressUnsafe,
  decompressUnsafe,
  compress: (codec, bytes, level) => attempt(() => compressUnsafe(codec, bytes, level)),
  decompress: (codec, bytes, maxBytes) => attempt(() => decompressUnsafe(codec, bytes, maxBytes))
})

/**
 * Provides `Compression`.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, make)
