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

  it("reads arrays the same with code of its own and with a loop", () => {
    const cases: ReadonlyArray<readonly [Partial<StructCode.ReadArray>, ReadonlyArray<number>, unknown]> = [
      [{ isCompact: true, read: (reader) => reader.int8() }, [4, 7, 8, 9], [7, 8, 9]],
      [{ isCompact: true }, [2, 0, 0, 1, 0], [256]],
      [{ read: (reader) => reader.int8() }, [0, 0, 0, 2, 7, 8], [7, 8]],
      [{ isCompact: true }, [1], []],
      [{ isCompact: true }, [0], null],
      [{}, [255, 255, 255, 255], null]
    ]
    for (const [options, bytes, expected] of cases) {
      const counts: Array<number> = []
      const array: StructCode.ReadArray = {
        isCompact: false,
        empty: [],
        readNull: () => null,
        check: (_, length) => counts.push(length),
        read: undefined,
        ...options
      }
      for (const read of [StructCode.arrayReader(array), StructCode.arrayReaderLoop(array)]) {
        const reader = new ByteReader(new Uint8Array(bytes))
        assert.deepStrictEqual(read(reader), expected)
        assert.strictEqual(reader.remaining, 0)
      }
      const length = Array.isArray(expected) ? expected.length : 0
      assert.deepStrictEqual(counts, length > 0 ? [length, length] : [])
    }
  })

  it("writes all elements", () => {
    const writer = new ByteWriter()
    StructCode.elementsWriter(number)(writer, [1, 2, 3])
    StructCode.valueWriter(number)(writer, null)
    assert.deepStrictEqual([...writer.toBytes()], [1, 2, 3, 255])
  })
})
