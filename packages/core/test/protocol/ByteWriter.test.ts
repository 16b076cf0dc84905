import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bytesByReferenceMin, writerSlabBytes } from "@millrace/core/limits"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import * as Message from "@millrace/core/protocol/Message"

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter()
  write(writer)
  return writer.toBytes()
}

const int64 = (value: number): number => new ByteReader(written((writer) => writer.int64(value))).int64()

const Pieces = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 })))

describe("ByteWriter", () => {
  it.effect.prop(
    "yields what was written, however it is cut into slabs and references",
    [Pieces],
    ([pieces]) =>
      Effect.sync(() => {
        const writer = new ByteWriter()
        const expected: Array<number> = []
        for (const [i, size] of pieces.entries()) {
          const bytes = new Uint8Array(size).fill(i)
          writer.int32(size)
          writer.bytes(bytes)
          expected.push(...written((inner) => inner.int32(size)), ...bytes)
        }
        assert.strictEqual(writer.length, expected.length)
        assert.deepStrictEqual(Buffer.concat(writer.chunks()), Buffer.from(expected))
      }),
    { arbitrary: { runs: 50 } }
  )

  it("never writes again to what it gave out", () => {
    const kept: Array<readonly [ReadonlyArray<Uint8Array>, Buffer]> = []
    for (let i = 0; i < 3 * writerSlabBytes / 500; i++) {
      const writer = new ByteWriter()
      writer.bytes(new Uint8Array(500).fill(i))
      const chunks = writer.chunks()
      kept.push([chunks, Buffer.concat(chunks)])
    }
    for (const [chunks, copy] of kept) assert.deepStrictEqual(Buffer.concat(chunks), copy)
  })

  it("copies small bytes and refers to large ones", () => {
    const writer = new ByteWriter()
    const small = new Uint8Array(bytesByReferenceMin - 1)
    const large = new Uint8Array(bytesByReferenceMin)
    writer.bytes(small)
    writer.bytes(large)
    const chunks = writer.chunks()
    assert.isTrue(chunks.includes(large))
    assert.strictEqual(chunks.length, 2)
  })

  it("keeps integers up to 2^53, and cuts what is beyond 64 bits", () => {
    for (const value of [0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32) - 1, 2 ** 53, -(2 ** 53), -(2 ** 63)]) {
      assert.strictEqual(int64(value), value)
    }
    for (const value of [2 ** 63, 2 ** 70, Infinity]) {
      assert.strictEqual(new ByteReader(written((writer) => writer.int64(value))).bigint64(), 2n ** 63n - 1n)
    }
    assert.strictEqual(int64(-(2 ** 70)), -(2 ** 63))
  })

  it("refuses what a type can not hold", () => {
    const cases: ReadonlyArray<(writer: ByteWriter) => void> = [
      (writer) => writer.int8(128),
      (writer) => writer.int16(-32769),
      (writer) => writer.uint16(-1),
      (writer) => writer.int32(2 ** 31),
      (writer) => writer.uint32(2 ** 32),
      (writer) => writer.int64(0.5),
      (writer) => writer.int64(NaN),
      (writer) => writer.bigint64(2n ** 63n),
      (writer) => writer.uuid("no uuid")
    ]
    for (const write of cases) assert.strictEqual(Message.attempt(() => written(write))._tag, "Failure")
  })
})
