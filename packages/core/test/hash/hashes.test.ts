import { assert, describe, it } from "@effect/vitest"
import { crc32 } from "@millrace/core/hash/Crc32"
import { crc32c } from "@millrace/core/hash/Crc32c"
import { coordinatorPartition, javaHash } from "@millrace/core/hash/JavaHash"
import { murmur2, murmur2Range, partitionForKey } from "@millrace/core/hash/Murmur2"
import { hash128 } from "@millrace/core/hash/Murmur3"
import { xxHash32 } from "@millrace/core/hash/XxHash32"
import { xxHash64 } from "@millrace/core/hash/XxHash64"
import { NodeCompression } from "@millrace/core/node"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { crc32 as nodeCrc32, gunzipSync } from "node:zlib"

const linesOf = <A>(name: string): ReadonlyArray<A> =>
  gunzipSync(readFileSync(resolve(import.meta.dirname, "../../../../vectors/wire", `${name}.jsonl.gz`)))
    .toString("utf8").trim().split("\n").map((line) => JSON.parse(line) as A)

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))
const ascii = (text: string) => new Uint8Array(Buffer.from(text, "latin1"))

/** The 128-bit murmur3 as its author describes it, in wide integers, with Kafka Streams' seed. */
const plainMurmur3 = (bytes: Uint8Array): string => {
  const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn]
  const cut = (value: bigint) => BigInt.asUintN(64, value)
  const rotate = (value: bigint, bits: bigint) => cut((value << bits) | (value >> (64n - bits)))
  const wordAt = (at: number) => {
    let word = 0n
    for (let i = 0; i < 8; i++) word |= BigInt(bytes[at + i] ?? 0) << BigInt(8 * i)
    return word
  }
  const first = (word: bigint) => cut(rotate(cut(word * c1), 31n) * c2)
  const second = (word: bigint) => cut(rotate(cut(word * c2), 33n) * c1)
  const avalanche = (value: bigint) => {
    const once = cut((value ^ (value >> 33n)) * 0xff51afd7ed558ccdn)
    const twice = cut((once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n)
    return twice ^ (twice >> 33n)
  }
  let [h1, h2] = [104729n, 104729n]
  let at = 0
  for (; at + 16 <= bytes.length; at += 16) {
    h1 = cut((rotate(h1 ^ first(wordAt(at)), 27n) + h2) * 5n + 0x52dce729n)
    h2 = cut((rotate(h2 ^ second(wordAt(at + 8)), 31n) + h1) * 5n + 0x38495ab5n)
  }
  h2 ^= second(wordAt(at + 8)) ^ BigInt(bytes.length)
  h1 ^= first(wordAt(at)) ^ BigInt(bytes.length)
  h1 = cut(h1 + h2)
  h2 = cut(h2 + h1)
  h1 = avalanche(h1)
  h2 = avalanche(h2)
  h1 = cut(h1 + h2)
  return [h1, cut(h2 + h1)].map((half) => half.toString(16).padStart(16, "0")).join("")
}

describe("hashes", () => {
  it("murmur2 and the default partition are Kafka's", () => {
    const lines = linesOf<{ keyHex: string; murmur2: number; partition: Record<string, number> }>("murmur2")
    for (const { keyHex, murmur2: hash, partition } of lines) {
      const key = fromHex(keyHex)
      assert.strictEqual(murmur2(key), hash, keyHex)
      const padded = new Uint8Array(key.length + 7)
      padded.set(key, 3)
      assert.strictEqual(murmur2Range(padded, 3, 3 + key.length), hash, keyHex)
      for (const [count, expected] of Object.entries(partition)) {
        assert.strictEqual(partitionForKey(key, Number(count)), expected)
      }
    }
    assert.isAbove(lines.length, 50)
  })

  it("murmur3 of 128 bits is Kafka Streams'", () => {
    // from the subscriptions of foreign-key joins in the vectors
    assert.strictEqual(Buffer.from(hash128(ascii("10|d"))).toString("hex"), "0fe957c277677396866c099180d63955")
    assert.strictEqual(Buffer.from(hash128(ascii("none"))).toString("hex"), "3923209bcd5598411af595432a19167c")
    const bytes = Uint8Array.from({ length: 80 }, (_, index) => (index * 151 + 97) & 0xff)
    for (let length = 0; length <= bytes.length; length++) {
      const cut = bytes.subarray(0, length)
      assert.strictEqual(Buffer.from(hash128(cut)).toString("hex"), plainMurmur3(cut), `${length} bytes`)
    }
  })

  it("CRC-32C is Kafka's, in one go, in pieces, and natively", () => {
    const lines = linesOf<{ hex: string; crc32c: string }>("crc32c")
    for (const { crc32c: crc, hex } of lines) {
      const bytes = fromHex(hex)
      const middle = bytes.length >> 1
      assert.strictEqual(crc32c(bytes, 0, bytes.length), Number(crc))
      assert.strictEqual(crc32c(bytes, middle, bytes.length, crc32c(bytes, 0, middle)), Number(crc))
      assert.strictEqual(NodeCompression.make.crc32c(bytes, 0, bytes.length), Number(crc))
    }
    assert.isAbove(lines.length, 20)
    const large = new Uint8Array(5000).map((_, index) => index * 31)
    for (const start of [0, 1, 17]) {
      const pieces = NodeCompression.make.crc32c(large, 777, 5000, NodeCompression.make.crc32c(large, start, 777))
      assert.strictEqual(pieces, crc32c(large, start, 5000))
    }
  })

  it("CRC-32 is the one of gzip", () => {
    const bytes = new Uint8Array(1000).map((_, index) => index * 7)
    for (const end of [0, 1, 15, 16, 17, 999]) {
      assert.strictEqual(crc32(bytes, 0, end), nodeCrc32(bytes.subarray(0, end)))
    }
  })

  it("coordinators are found as in Kafka", () => {
    const lines = linesOf<{ id: string; hashCode: number; partitions: number; partition: number }>(
      "coordinator-partition"
    )
    for (const { hashCode, id, partition, partitions } of lines) {
      assert.strictEqual(javaHash(id), hashCode, id)
      assert.strictEqual(coordinatorPartition(id, partitions), partition, id)
    }
    assert.isAbove(lines.length, 20)
    assert.strictEqual(coordinatorPartition("polygenelubricants", 50), 0)
  })

  it("xxHash32 gives the published values", () => {
    assert.strictEqual(xxHash32(ascii(""), 0, 0), 0x02cc5d05)
    assert.strictEqual(xxHash32(ascii("a"), 0, 1), 0x550d7456)
    assert.strictEqual(xxHash32(ascii("Nobody inspects the spammish repetition"), 0, 39), 0xe2293b2f)
  })

  it("xxHash64 gives the published values", () => {
    assert.strictEqual(xxHash64(ascii("")), 0xef46db3751d8e999n)
    assert.strictEqual(xxHash64(ascii("a")), 0xd24ec4f1a98c6e5bn)
    assert.strictEqual(xxHash64(ascii("abc")), 0x44bc2cf5ad770999n)
    assert.strictEqual(xxHash64(ascii("Nobody inspects the spammish repetition")), 0xfbcea83c8a378bf1n)
  })
})
