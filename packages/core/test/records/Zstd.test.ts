import { assert, describe, it, vi } from "@effect/vitest"
import { Codec, CompressionError } from "@millrace/core/records/Compression"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as Records from "@millrace/core/records/Records"
import * as Result from "effect/Result"
import { constants, zstdCompressSync } from "node:zlib"
import { chance } from "../protocol/tables.ts"

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

const unzstd = (bytes: Uint8Array, maxBytes?: number) =>
  PureCompression.make.decompressUnsafe(Codec.zstd, bytes, maxBytes)

const packed = (bytes: Uint8Array, level: number, hasChecksum = false): Buffer =>
  zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: hasChecksum ? 1 : 0
    }
  })

const words = ["order", "customer", "amount", "2026-11-23", "\"price\": ", "null", "{", "}", "é", "\n"]

/** Contents of different nature: text, structure, noise, runs, few symbols, and all of them after each other. */
const contents = (seed: number): ReadonlyArray<Uint8Array> => {
  const random = chance(seed)
  const encode = (text: string) => new TextEncoder().encode(text)
  const made = (count: number, of: (index: number) => number) => new Uint8Array(count).map((_, index) => of(index))
  const text = encode(Array.from({ length: 1 + random(30_000) }, () => words[random(words.length)]).join(" "))
  const rows = encode(Array.from({ length: 1 + random(3000) }, (_, i) => `{"id":${i},"n":${random(999)}}`).join(","))
  const parts = [
    text,
    rows,
    made(random(9000), () => random(256)),
    made(random(300_000), () => 7),
    made(random(90_000), () => random(3) * random(5)),
    made(random(90_000), (index) => (index * index) >> 9)
  ]
  return [...parts, new Uint8Array(Buffer.concat(parts)), new Uint8Array(0), encode("a")]
}

describe("Zstd, without native code", () => {
  it("reads what native code writes, at all levels, in blocks that refer to those before", () => {
    for (let seed = 0; seed < 4; seed++) {
      for (const [index, bytes] of contents(seed).entries()) {
        for (const level of [-50, 1, 3, 9, 19]) {
          const result = unzstd(packed(bytes, level, index % 2 === 0))
          assert.isTrue(Buffer.compare(result, bytes) === 0, `seed ${seed}, content ${index}, level ${level}`)
        }
      }
    }
  })

  it("refuses or reads what was changed in any byte, and what is cut anywhere, within the limit", () => {
    const text = contents(1)[0]!.subarray(0, 2000)
    const frame = packed(text, 3)
    for (let at = 0; at < frame.length; at++) {
      const changed = new Uint8Array(frame)
      changed[at]! ^= 1 << (at % 8)
      const result = Records.attempt(() => unzstd(changed, 5000))
      if (Result.isSuccess(result)) assert.isAtMost(result.success.length, 5000)
      else assert.instanceOf(result.failure, CompressionError)
      if (at === 0) continue
      const cut = Records.attempt(() => unzstd(frame.subarray(0, at)))
      assert.isTrue(
        Result.isFailure(cut) && cut.failure instanceof CompressionError && cut.failure.reason === "Corrupt"
      )
    }
  })

  it("holds a checksum against the content", () => {
    const frame = packed(contents(2)[1]!, 3, true)
    frame[frame.length - 1]! ^= 1
    const result = Records.attempt(() => unzstd(frame))
    assert.isTrue(Result.isFailure(result) && result.failure.message.includes("checksum"))
  })
})
