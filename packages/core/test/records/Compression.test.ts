import { assert, describe, it } from "@effect/vitest"
import { NodeCompression } from "@millrace/core/node"
import { Codec, Compression, CompressionError, levels } from "@millrace/core/records/Compression"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib"

const native = NodeCompression.make
const pure = PureCompression.make
const packing = [Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const

/** How many cases: as many as are asked for, or a few. */
const runs = (few: number): number => Number(process.env.MILLRACE_PROPERTY_RUNS ?? few)

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
/** Runs of bytes: repetitive enough to be packed, odd enough to be hard. */
const Runs = Schema.Array(Schema.Struct({ byte: between(0, 255), count: between(1, 3000), step: between(0, 3) }))

const bytesOf = (runs: typeof Runs.Type): Uint8Array =>
  new Uint8Array(
    runs.flatMap(({ byte, count, step }) => Array.from({ length: count }, (_, index) => byte + index * step))
  )

const reasonOf = (run: () => Uint8Array): string => {
  const result = Records.attempt(run)
  if (Result.isSuccess(result)) return "none"
  assert.instanceOf(result.failure, CompressionError)
  return result.failure.reason
}

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))
const concat = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(parts))
const hello = new TextEncoder().encode("hello hello hello hello")

describe("Compression", () => {
  it.prop("pure and native code read each other", [Runs], ([runs]) => {
    const bytes = bytesOf(runs)
    for (const codec of packing) {
      const fromPure = pure.compressUnsafe(codec, bytes)
      const fromNative = native.compressUnsafe(codec, bytes)
      assert.isTrue(Buffer.compare(native.decompressUnsafe(codec, fromPure), bytes) === 0)
      assert.isTrue(Buffer.compare(native.decompressUnsafe(codec, fromNative), bytes) === 0)
      assert.isTrue(Buffer.compare(pure.decompressUnsafe(codec, fromPure), bytes) === 0)
      assert.isTrue(Buffer.compare(pure.decompressUnsafe(codec, fromNative), bytes) === 0)
    }
  }, { arbitrary: { runs: runs(100), seed: "records" } })

  it.prop("hostile bytes are refused typed, and stay within the limit", [Runs, between(0, 1e6), between(1, 255)], (
    [runs, place, mask]
  ) => {
    for (const codecs of [native, pure]) {
      for (const codec of packing) {
        const packed = new Uint8Array(codecs.compressUnsafe(codec, bytesOf(runs)))
        for (const hostile of [packed.subarray(0, place % packed.length), packed]) {
          packed[place % packed.length]! ^= mask
          const result = Records.attempt(() => codecs.decompressUnsafe(codec, hostile, 4096))
          if (Result.isSuccess(result)) assert.isAtMost(result.success.length, 4096)
          else assert.instanceOf(result.failure, CompressionError)
        }
      }
    }
  }, { arbitrary: { runs: runs(150), seed: "records" } })

  it("what comes out is a plain array, whose slice is a copy", () => {
    for (const codecs of [native, pure]) {
      for (const codec of packing) {
        const packed = codecs.compressUnsafe(codec, hello)
        assert.strictEqual(Object.getPrototypeOf(packed), Uint8Array.prototype)
        assert.strictEqual(Object.getPrototypeOf(codecs.decompressUnsafe(codec, packed, 1000)), Uint8Array.prototype)
      }
    }
  })

  it("a bomb stops at its limit, and not before", () => {
    const zeros = new Uint8Array(8 * 1024 * 1024)
    for (const codecs of [native, pure]) {
      for (const codec of packing) {
        const bomb = native.compressUnsafe(codec, zeros)
        assert.strictEqual(reasonOf(() => codecs.decompressUnsafe(codec, bomb, zeros.length - 1)), "TooLarge")
        assert.strictEqual(codecs.decompressUnsafe(codec, bomb, zeros.length).length, zeros.length)
      }
    }
  })

  it("reads what Kafka reads beside the plain case", () => {
    const gzip = new Uint8Array(gzipSync(hello))
    const zstd = new Uint8Array(zstdCompressSync(hello))
    const lz4 = native.compressUnsafe(Codec.lz4, hello)
    const twice = concat(hello, hello)
    for (const codecs of [native, pure]) {
      assert.deepStrictEqual(new Uint8Array(codecs.decompressUnsafe(Codec.gzip, concat(gzip, gzip))), twice)
      for (const tail of ["00", "deadbeef", "1f8b", "1f8b08000000000000ff"]) {
        const bytes = codecs.decompressUnsafe(Codec.gzip, concat(gzip, fromHex(tail)))
        assert.deepStrictEqual(new Uint8Array(bytes), hello, tail)
      }
      assert.deepStrictEqual(new Uint8Array(codecs.decompressUnsafe(Codec.lz4, concat(lz4, lz4))), hello)
    }
    const skippable = fromHex("502a4d1803000000aabbcc")
    for (const codecs of [native, pure]) {
      assert.deepStrictEqual(new Uint8Array(codecs.decompressUnsafe(Codec.zstd, concat(zstd, skippable, zstd))), twice)
      assert.strictEqual(reasonOf(() => codecs.decompressUnsafe(Codec.zstd, concat(zstd, fromHex("00")))), "Corrupt")
      assert.strictEqual(codecs.decompressUnsafe(Codec.zstd, new Uint8Array(0)).length, 0)
    }
  })

  it("takes every level that Kafka takes, and refuses the others", () => {
    const refused = { [Codec.gzip]: [0, 10, -2, 1.5], [Codec.lz4]: [0, 18, -1], [Codec.zstd]: [23, -131073, NaN] }
    for (const codec of [Codec.gzip, Codec.lz4, Codec.zstd] as const) {
      const { default: usual, max, min } = levels[codec]!
      for (const codecs of [native, pure]) {
        for (const level of [min, max, usual, Math.trunc((min + max) / 2)]) {
          const packed = codecs.compressUnsafe(codec, hello, level)
          assert.deepStrictEqual(new Uint8Array(native.decompressUnsafe(codec, packed)), hello, `${codec} ${level}`)
        }
        for (const level of refused[codec]) {
          assert.strictEqual(reasonOf(() => codecs.compressUnsafe(codec, hello, level)), "Unsupported")
        }
      }
    }
    assert.strictEqual(reasonOf(() => native.compressUnsafe(Codec.snappy, hello, 99)), "none")
  })

  it("a higher level makes less of the same bytes", () => {
    const bytes = new Uint8Array(50_000).map((_, index) => (index * index) >> 5)
    for (const codec of [Codec.gzip, Codec.zstd] as const) {
      const sizes = [levels[codec]!.min, levels[codec]!.max].map((level) =>
        native.compressUnsafe(codec, bytes, level).length
      )
      assert.isBelow(sizes[1]!, sizes[0]!)
    }
  })

  it("an unknown codec is refused", () => {
    for (const codecs of [native, pure]) {
      assert.strictEqual(reasonOf(() => codecs.decompressUnsafe(5, hello)), "Unsupported")
      assert.strictEqual(codecs.decompressUnsafe(Codec.none, hello), hello)
    }
  })

  it("pure and native code agree on Kafka's batches, right and wrong", () => {
    let compared = 0
    for (const file of ["batches", "invalid"]) {
      const path = resolve(import.meta.dirname, "../../../../vectors/records", `${file}.jsonl.gz`)
      for (const line of gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n")) {
        const { hex, name } = JSON.parse(line) as { hex: string; name: string }
        const batch = fromHex(hex)
        if (batch.length <= RecordBatch.headerSizeBytes || RecordBatch.magic(batch, 0) !== 2) continue
        const codec = RecordBatch.codec(batch, 0)
        if (codec < Codec.gzip || codec > Codec.zstd) continue
        const payload = batch.subarray(RecordBatch.headerSizeBytes)
        const expected = Records.attempt(() => Buffer.from(native.decompressUnsafe(codec, payload, 1e6)))
        const actual = Records.attempt(() => Buffer.from(pure.decompressUnsafe(codec, payload, 1e6)))
        assert.strictEqual(Result.isSuccess(actual), Result.isSuccess(expected), name)
        if (Result.isSuccess(actual) && Result.isSuccess(expected)) {
          assert.isTrue(actual.success.equals(expected.success), name)
        }
        compared++
      }
    }
    assert.isAbove(compared, 70)
  })

  it.effect("large blocks come back the same from beside the event loop", () =>
    Effect.gen(function*() {
      const compression = yield* Compression
      const bytes = new Uint8Array(700_000).map((_, index) => (index * index) >> 7)
      for (const codec of [Codec.none, ...packing]) {
        const packed = yield* compression.compress(codec, bytes)
        assert.isTrue(Buffer.compare(yield* compression.decompress(codec, packed), bytes) === 0)
        if (codec === Codec.none) continue
        const refused = yield* Effect.flip(compression.decompress(codec, packed, 1000))
        assert.strictEqual(refused.reason, "TooLarge")
        const cut = yield* Effect.flip(compression.decompress(codec, packed.subarray(0, packed.length - 9)))
        assert.strictEqual(cut.reason, "Corrupt")
        const bomb = yield* compression.compress(codec, new Uint8Array(3_000_000))
        assert.strictEqual((yield* compression.decompress(codec, bomb)).length, 3_000_000)
        if (levels[codec] !== undefined) {
          assert.strictEqual((yield* Effect.flip(compression.compress(codec, bytes, 99))).reason, "Unsupported")
        }
        assert.strictEqual((yield* Effect.flip(compression.decompress(codec, bomb, 2_000_000))).reason, "TooLarge")
        const members = codec === Codec.gzip || codec === Codec.zstd ? 2 : codec === Codec.lz4 ? 1 : 0
        if (members === 0) continue
        const again = yield* compression.decompress(codec, concat(packed, packed))
        assert.strictEqual(again.length, members * bytes.length)
      }
    }).pipe(Effect.provide(NodeCompression.layer)))
})
