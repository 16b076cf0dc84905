import { assert, describe, it } from "@effect/vitest"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import * as StructCode from "@millrace/core/protocol/StructCode"

const fixed = {
  size: 2,
  text: (at: string) => `bytes[${at}] * 256 + bytes[${at} + 1]`,
  dataText: (at: string) => `data.getInt16(${at})`
}
const readParts: ReadonlyArray<StructCode.ReadPart> = [
  { name: "first", read: (reader) => reader.int8() },
  { name: "a \"quoted\" name", read: (reader) => reader.int16(), fixed },
  { name: "third", read: (reader) => reader.int16(), fixed }
]
const readTags: StructCode.ReadTags = (reader, value) => {
  value.tags = reader.int8()
}

const number: StructCode.ValuePart = {
  typeOf: "number",
  write: (writer, value) => writer.int8(value as number),
  writeNull: (writer) => writer.int8(-1),
  writeOther: (writer) => writer.int8(-2)
}
const writeParts = ["given", "missing", "none", "a \"quoted\" name", "wrong"].map((name) => ({ ...number, name }))

describe("StructCode", () => {
  it("reads the same with code of its own and with a loop", () => {
    const fields = { first: 1, "a \"quoted\" name": 0x0203, third: 0x0405 }
    for (const tagged of [false, true]) {
      const tags = tagged ? readTags : undefined
      const readers = [false, true].map((isElement) => StructCode.reader(readParts, tags, isElement))
      for (const read of [...readers, StructCode.readerLoop(readParts, tags)]) {
        const reader = new ByteReader(new Uint8Array([0, 1, 2, 3, 4, 5, 9]), 1)
        const value = read(reader)
        const expected = tagged ? { ...fields, tags: 9 } : fields
        assert.deepStrictEqual(value, expected)
        assert.deepStrictEqual(Object.keys(value), Object.keys(expected))
        assert.strictEqual(reader.remaining, tagged ? 0 : 1)
      }
    }
  })

  it("calls for tags only where there are any", () => {
    const read = StructCode.reader([], () => assert.fail("there are none"), false)
    const reader = new ByteReader(new Uint8Array([0, 1]))
    assert.deepStrictEqual(read(reader), {})
    assert.strictEqual(reader.position, 1)
    assert.throws(() =>
      StructCode.reader([], (inner) => inner.int8(), false)(new ByteReader(new Uint8Array([0]), 0, 0))
    )
  })

  it("writes the same with code of its own and with a loop", () => {
    for (const write of [StructCode.writer(writeParts), StructCode.writerLoop(writeParts)]) {
      const writer = new ByteWriter()
      write(writer, { given: 7, none: null, "a \"quoted\" name": 9, wrong: "x" })
      assert.deepStrictEqual([...new Int8Array(writer.toBytes())], [7, -2, -1, 9, -2])
    }
  })

  it("reads and writes all elements", () => {
    const reader = new ByteReader(new Uint8Array([1, 2, 3]))
    const values = StructCode.elementsReader((inner) => inner.int8())(reader, 3)
    assert.deepStrictEqual(values, [1, 2, 3])
    const writer = new ByteWriter()
    StructCode.elementsWriter(number)(writer, values)
    StructCode.valueWriter(number)(writer, null)
    assert.deepStrictEqual([...writer.toBytes()], [1, 2, 3, 255])
  })
})
