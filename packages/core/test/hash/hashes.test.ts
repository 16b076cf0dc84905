import { assert, describe, it } from "@effect/vitest"
import { crc32 } from "@millrace/core/hash/Crc32"
import { crc32c } from "@millrace/core/hash/Crc32c"
import { coordinatorPartition, javaHash } from "@millrace/core/hash/JavaHash"
import { murmur2, murmur2Range, partitionForKey } from "@millrace/core/hash/Murmur2"
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
