/**
 * The `Compression` port on native codecs: Node's zlib (gzip, zstd), snappy and lz4.
 *
 * Keeps true: the native code is the fast path; where it reads less than Kafka does (bytes after a gzip member, lz4
 * content sizes) or has no limit of its own, `core/records` decides frame by frame.
 *
 * @since 0.1.0
 */
import { crc32c as nativeCrc32c } from "@node-rs/crc32"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NativeLz4 from "lz4-napi"
import * as NodeBuffer from "node:buffer"
import * as Zlib from "node:zlib"
import * as NativeSnappy from "snappy"
import * as Crc32c from "../../hash/Crc32c.ts"
import { compressionInlineMaxBytes, decompressedBatchMaxBytes, decompressionInlineMaxBytes } from "../../limits.ts"
import {
  checkLevelUnsafe,
  Codec,
  Compression,
  CompressionError,
  corrupt,
  tooLarge,
  unsupported
} from "../../records/Compression.ts"
import * as Gzip from "../../records/Gzip.ts"
import * as Lz4 from "../../records/Lz4.ts"
import * as Output from "../../records/Output.ts"
import * as Snappy from "../../records/Snappy.ts"
import * as Zstd from "../../records/Zstd.ts"

/** Below this, calling native code costs more than it saves. */
const nativeCrcMinBytes = 192

const crc32c: Crc32c.Crc32c = (bytes, start, end, previous = 0) =>
  end - start < nativeCrcMinBytes
    ? Crc32c.crc32c(bytes, start, end, previous)
    : nativeCrc32c(bytes.subarray(start, end), previous)

/** The addons and zlib want a Buffer; this is a view, not a copy. */
const bufferOf = (bytes: Uint8Array): NodeBuffer.Buffer =>
  NodeBuffer.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const errorOf = (codec: number, maxBytes: number) => (cause: unknown): CompressionError => {
  if (cause instanceof CompressionError) return cause
  const isTooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE"
  return isTooLarge
    ? tooLarge(codec, maxBytes)
    : corrupt(codec, cause instanceof Error ? cause.message.toLowerCase() : String(cause))
}

const guarded = <A>(codec: number, maxBytes: number, run: () => A): A => {
  try {
    return run()
  } catch (cause) {
    throw errorOf(codec, maxBytes)(cause)
  }
}

const crc32 = (bytes: Uint8Array, start: number, end: number, previous = 0): number =>
  Zlib.crc32(bytes.subarray(start, end), previous)

/** What zlib answers when it is asked for `info`, which its types do not know. */
const isInflated = (
  answer: object
): answer is { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } } => "engine" in answer

/** Inflates one deflate stream natively, and finds out where it ended. */
const inflate = (maxBytes: number): Gzip.Inflate => (bytes, at, output) => {
  const options = { maxOutputLength: Math.max(1, maxBytes - output.length), info: true }
  const answer: object = guarded(Codec.gzip, maxBytes, () => Zlib.inflateRawSync(bytes.subarray(at), options))
  if (!isInflated(answer)) throw unsupported(Codec.gzip, "this Node does not tell where a deflate stream ends")
  output.append(answer.buffer, 0, answer.buffer.length)
  return at + answer.engine.bytesWritten
}

const gunzipUnsafe = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  try {
    return Zlib.gunzipSync(bytes, outputLimit(maxBytes))
  } catch (cause) {
    const error = errorOf(Codec.gzip, maxBytes)(cause)
    if (error.reason === "TooLarge") throw error
    return Gzip.decompressUnsafe(bytes, maxBytes, inflate(maxBytes), crc32)
  }
}

const unzstdUnsafe = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  let left = maxBytes
  return Output.concat(
    Zstd.framesUnsafe(bytes).map((frame) => {
      const part = guarded(Codec.zstd, maxBytes, () => Zlib.zstdDecompressSync(frame, outputLimit(left)))
      left -= part.length
      return part
    })
  )
}

/** zlib wants room for one byte at least, and fails where there is more. */
const outputLimit = (maxBytes: number) => ({ maxOutputLength: Math.max(1, maxBytes) })

const unlz4Unsafe = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  const frame = Lz4.frameUnsafe(bytes)
  if (frame.expandedMaxBytes > maxBytes) return Lz4.decompressUnsafe(bytes, maxBytes)
  try {
    return NativeLz4.decompressFrameSync(bufferOf(bytes.subarray(0, frame.end)))
  } catch {
    return Lz4.decompressUnsafe(bytes, maxBytes)
  }
}

const copied = { copyOutputData: true } as const
const snappyPack: Snappy.Block = (bytes) => NativeSnappy.compressSync(bytes, copied)
const snappyUnpack: Snappy.Block = (bytes) => bufferOfResult(NativeSnappy.uncompressSync(bytes, copied))
const bufferOfResult = (result: string | Uint8Array): Uint8Array =>
  typeof result === "string" ? NodeBuffer.Buffer.from(result) : result

const zstdOptions = (level: number | undefined) =>
  level === undefined ? {} : { params: { [Zlib.constants.ZSTD_c_compressionLevel]: level } }
const gzipOptions = (level: number | undefined) => level === undefined ? {} : { level }

const compressUnsafe = (codec: Codec, bytes: Uint8Array, level?: number): Uint8Array =>
  guarded(codec, bytes.length, () => {
    checkLevelUnsafe(codec, level)
    switch (codec) {
      case Codec.none:
        return bytes
      case Codec.gzip:
        return Zlib.gzipSync(bytes, gzipOptions(level))
      case Codec.snappy:
        return Snappy.compress(bytes, snappyPack)
      case Codec.lz4:
        return NativeLz4.compressFrameSync(bufferOf(bytes))
      case Codec.zstd:
        return Zlib.zstdCompressSync(bytes, zstdOptions(level))
    }
  })

const decompressUnsafe = (codec: number, bytes: Uint8Array, maxBytes = decompressedBatchMaxBytes): Uint8Array => {
  switch (codec) {
    case Codec.none:
      return bytes
    case Codec.gzip:
      return gunzipUnsafe(bytes, maxBytes)
    case Codec.snappy:
      return guarded(codec, maxBytes, () => Snappy.decompressUnsafe(bytes, maxBytes, snappyUnpack))
    case Codec.lz4:
      return unlz4Unsafe(bytes, maxBytes)
    case Codec.zstd:
      return unzstdUnsafe(bytes, maxBytes)
    default:
      throw unsupported(codec, "no codec has this id")
  }
}

type Done = (error: Error | null, result: Uint8Array) => void

const beside = (
  codec: number,
  maxBytes: number,
  run: (done: Done) => void
): Effect.Effect<Uint8Array, CompressionError> =>
  Effect.callback((resume) => {
    run((error, result) =>
      resume(error === null ? Effect.succeed(result) : Effect.fail(errorOf(codec, maxBytes)(error)))
    )
  })

const promised = (
  codec: number,
  maxBytes: number,
  run: () => Promise<Uint8Array>
): Effect.Effect<Uint8Array, CompressionError> => Effect.tryPromise({ try: run, catch: errorOf(codec, maxBytes) })

const inline = <A>(codec: number, maxBytes: number, run: () => A): Effect.Effect<A, CompressionError> =>
  Effect.try({ try: run, catch: errorOf(codec, maxBytes) })

const compress = (codec: Codec, bytes: Uint8Array, level?: number): Effect.Effect<Uint8Array, CompressionError> => {
  const size = bytes.length
  if (size <= compressionInlineMaxBytes) return inline(codec, size, () => compressUnsafe(codec, bytes, level))
  return Effect.flatMap(
    inline(codec, size, () => checkLevelUnsafe(codec, level)),
    () => compressBeside(codec, bytes, level)
  )
}

const compressBeside = (
  codec: Codec,
  bytes: Uint8Array,
  level: number | undefined
): Effect.Effect<Uint8Array, CompressionError> => {
  const size = bytes.length
  switch (codec) {
    case Codec.none:
      return Effect.succeed(bytes)
    case Codec.gzip:
      return beside(codec, size, (done) => Zlib.gzip(bytes, gzipOptions(level), done))
    case Codec.snappy:
      return promised(
        codec,
        size,
        () =>
          Promise.all(
            Snappy.split(bytes, compressionInlineMaxBytes).map((piece) => NativeSnappy.compress(piece, copied))
          )
            .then(Snappy.frame)
      )
    case Codec.lz4:
      return promised(codec, size, () => NativeLz4.compressFrame(bytes))
    case Codec.zstd:
      return beside(codec, size, (done) => Zlib.zstdCompress(bytes, zstdOptions(level), done))
  }
}

/** What Kafka reads and native code does not is read on the event loop. */
const orInline = (
  codec: number,
  bytes: Uint8Array,
  maxBytes: number,
  native: Effect.Effect<Uint8Array, CompressionError>
): Effect.Effect<Uint8Array, CompressionError> =>
  Effect.catch(native, (error) =>
    error.reason === "Corrupt"
      ? inline(codec, maxBytes, () => decompressUnsafe(codec, bytes, maxBytes))
      : Effect.fail(error))

const decompress = (
  codec: number,
  bytes: Uint8Array,
  maxBytes = decompressedBatchMaxBytes
): Effect.Effect<Uint8Array, CompressionError> => {
  if (bytes.length > compressionInlineMaxBytes) return decompressBeside(codec, bytes, maxBytes)
  const inlineMaxBytes = Math.min(maxBytes, decompressionInlineMaxBytes)
  const small = inline(codec, maxBytes, () => decompressUnsafe(codec, bytes, inlineMaxBytes))
  if (inlineMaxBytes === maxBytes) return small
  return Effect.catch(
    small,
    (error) => error.reason === "TooLarge" ? decompressBeside(codec, bytes, maxBytes) : Effect.fail(error)
  )
}

const decompressBeside = (
  codec: number,
  bytes: Uint8Array,
  maxBytes: number
): Effect.Effect<Uint8Array, CompressionError> => {
  switch (codec) {
    case Codec.gzip: {
      const options = outputLimit(maxBytes)
      return orInline(codec, bytes, maxBytes, beside(codec, maxBytes, (done) => Zlib.gunzip(bytes, options, done)))
    }
    case Codec.snappy:
      return promised(
        codec,
        maxBytes,
        () =>
          Promise.all(Snappy.blocksUnsafe(bytes, maxBytes).map((block) => NativeSnappy.uncompress(block, copied)))
            .then((blocks) => Output.concat(blocks.map(bufferOfResult)))
      )
    case Codec.lz4:
      return orInline(codec, bytes, maxBytes, promised(codec, maxBytes, () => unlz4Promise(bytes, maxBytes)))
    case Codec.zstd:
      return unzstdBeside(bytes, maxBytes)
    default:
      return inline(codec, maxBytes, () => decompressUnsafe(codec, bytes, maxBytes))
  }
}

const unlz4Promise = (bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> => {
  const frame = Lz4.frameUnsafe(bytes)
  return frame.expandedMaxBytes > maxBytes
    ? Promise.resolve(Lz4.decompressUnsafe(bytes, maxBytes))
    : NativeLz4.decompressFrame(bytes.subarray(0, frame.end))
}

const unzstdBeside = Effect.fnUntraced(function*(bytes: Uint8Array, maxBytes: number) {
  const frames = yield* Effect.try({ try: () => Zstd.framesUnsafe(bytes), catch: errorOf(Codec.zstd, maxBytes) })
  const parts: Array<Uint8Array> = []
  let left = maxBytes
  for (const frame of frames) {
    const options = outputLimit(left)
    const part = yield* beside(Codec.zstd, maxBytes, (done) => Zlib.zstdDecompress(frame, options, done))
    if (part.length > left) return yield* tooLarge(Codec.zstd, maxBytes)
    left -= part.length
    parts.push(part)
  }
  return Output.concat(parts)
})

/** Never a `Buffer`: the `slice` of one shares its memory. */
const plain = (bytes: Uint8Array): Uint8Array =>
  NodeBuffer.Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes

/**
 * All codecs, native.
 *
 * @since 0.1.0
 */
export const make: Compression["Service"] = Compression.of({
  crc32c,
  compressUnsafe: (codec, bytes, level) => plain(compressUnsafe(codec, bytes, level)),
  decompressUnsafe: (codec, bytes, maxBytes) => plain(decompressUnsafe(codec, bytes, maxBytes)),
  compress: (codec, bytes, level) => Effect.map(compress(codec, bytes, level), plain),
  decompress: (codec, bytes, maxBytes) => Effect.map(decompress(codec, bytes, maxBytes), plain)
})

/**
 * Provides `Compression`.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, make)
