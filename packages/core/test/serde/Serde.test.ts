import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Serde from "../../src/serde/Serde.ts"
import * as Windowed from "../../src/serde/Windowed.ts"

const hex = (bytes: Uint8Array | null): string | null => bytes === null ? null : Buffer.from(bytes).toString("hex")
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const safeInteger = between(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

/** Integers have one zero. */
const oneZero = (value: number | null): number | null => value === null ? null : value + 0

/** What was written is read back, and whoever looks at the bytes later sees the same. */
const returns = <A>(serde: Serde.Serde<A>, value: A) => {
  const bytes = Serde.toBytesUnsafe(serde, value)
  assert.deepStrictEqual(Serde.fromBytesUnsafe(serde, bytes), value as NonNullable<A>)
  assert.strictEqual(hex(Serde.toBytesUnsafe(serde, value)), hex(bytes))
}

const refusal = <A>(result: Result.Result<A, Serde.SerdeError>): Serde.SerdeError => {
  assert.isTrue(Result.isFailure(result))
  return Result.getOrThrow(Result.flip(result))
}

describe("a serde reads what it wrote", () => {
  it.effect.prop("string", [Schema.String], ([text]) =>
    Effect.sync(() => {
      if (text.isWellFormed()) returns(Serde.string, text)
    }))
  it.effect.prop("long", [safeInteger], ([value]) => Effect.sync(() => returns(Serde.long, value + 0)))
  it.effect.prop("long and int64 share their bytes", [safeInteger], ([value]) =>
    Effect.sync(() =>
      assert.strictEqual(
        hex(Serde.long.serializeUnsafe(value)),
        hex(Serde.int64.serializeUnsafe(BigInt(value)))
      )
    ))
  it.effect.prop(
    "int",
    [between(-0x80000000, 0x7fffffff)],
    ([value]) => Effect.sync(() => returns(Serde.int, value + 0))
  )
  it.effect.prop("short", [between(-0x8000, 0x7fff)], ([value]) => Effect.sync(() => returns(Serde.short, value + 0)))
  it.effect.prop("double", [Schema.Number], ([value]) => Effect.sync(() => returns(Serde.double, value)))
  it.effect.prop("float", [Schema.Number], ([value]) => Effect.sync(() => returns(Serde.float, Math.fround(value))))
  it.effect.prop("boolean", [Schema.Boolean], ([value]) => Effect.sync(() => returns(Serde.boolean, value)))
  it.effect.prop("windowed", [Schema.String, between(0, 2 ** 40)], ([key, start]) =>
    Effect.sync(() => {
      if (key.isWellFormed()) {
        returns(Serde.windowed(Serde.string, "10 millis"), Windowed.make(key, start + 0, start + 10))
      }
    }))
  it.effect.prop(
    "session windowed",
    [safeInteger, between(0, 2 ** 40), between(0, 1000)],
    ([key, start, length]) =>
      Effect.sync(() => returns(Serde.sessionWindowed(Serde.long), Windowed.make(key + 0, start + 0, start + length)))
  )
  it.effect.prop(
    "list of what varies in size",
    [Schema.Array(Schema.NullOr(Schema.String))],
    ([items]) =>
      Effect.sync(() => {
        if (items.every((item) => item === null || item.isWellFormed())) {
          returns(Serde.list(Serde.nullable(Serde.string)), items)
        }
      })
  )
  it.effect.prop(
    "list of what does not",
    [Schema.Array(Schema.NullOr(safeInteger))],
    ([items]) => Effect.sync(() => returns(Serde.list(Serde.nullable(Serde.long)), items.map(oneZero)))
  )

  it("json, through its schema", () => {
    const event = Schema.Struct({ at: Schema.Date, tags: Schema.Array(Schema.String) })
    returns(Serde.json(event), { at: new Date(1234), tags: ["a", "ü"] })
  })
})

describe("bytes are Kafka's", () => {
  const golden = <A>(name: string, serde: Serde.Serde<A>, value: A, expected: string | null) =>
    it(name, () => assert.strictEqual(hex(Serde.toBytesUnsafe(serde, value)), expected))

  golden("string", Serde.string, "aü", "61c3bc")
  golden("long", Serde.long, -2, "fffffffffffffffe")
  golden("long beyond 32 bits", Serde.long, 2 ** 40 + 7, "0000010000000007")
  golden("int", Serde.int, -2, "fffffffe")
  golden("short", Serde.short, -2, "fffe")
  golden("double", Serde.double, 1.5, "3ff8000000000000")
  golden("float", Serde.float, 1.5, "3fc00000")
  golden("boolean", Serde.boolean, true, "01")
  golden(
    "uuid, as text",
    Serde.uuid,
    "01234567-89AB-cdef-0123-456789abcdef",
    Buffer.from("01234567-89ab-cdef-0123-456789abcdef").toString("hex")
  )
  golden("void", Serde.void, null, null)
  golden("null, of whatever serde", Serde.nullable(Serde.long), null, null)
  golden("windowed: key, start", Serde.windowed(Serde.string, 10), Windowed.make("a", 20, 30), "610000000000000014")
  golden(
    "session windowed: key, end, start",
    Serde.sessionWindowed(Serde.string),
    Windowed.make("a", 20, 30),
    "61000000000000001e0000000000000014"
  )
  golden(
    "list of strings: sizes stand before items",
    Serde.list(Serde.nullable(Serde.string)),
    ["a", null],
    "01000000020000000161ffffffff"
  )
  golden(
    "list of ints: nulls stand before all",
    Serde.list(Serde.nullable(Serde.int)),
    [7, null],
    "00000000010000000100000002" + "00000007"
  )

  it("text keeps a leading byte order mark, and replaces what is no UTF-8", () => {
    assert.strictEqual(Serde.string.deserializeUnsafe(bytesOf("efbbbf61")), "\ufeffa")
    assert.strictEqual(Serde.string.deserializeUnsafe(bytesOf("61ff62")), "a\ufffdb")
    const long = "efbbbf" + "61".repeat(100)
    assert.strictEqual(Serde.string.deserializeUnsafe(bytesOf(long)), `\ufeff${"a".repeat(100)}`)
    assert.strictEqual(Serde.string.deserializeUnsafe(bytesOf(`${long}eda080`)), `\ufeff${"a".repeat(100)}\ufffd`)
  })

  it("text writes a lone surrogate as a question mark, however long the text", () => {
    assert.strictEqual(hex(Serde.string.serializeUnsafe("a\ud800")), "613f")
    assert.strictEqual(hex(Serde.string.serializeUnsafe(`${"a".repeat(100)}\ud800`)), `${"61".repeat(100)}3f`)
  })

  it("a windowed key is partitioned by its inner key", () => {
    assert.strictEqual(Serde.windowed(Serde.string, 10).partitionSuffixBytes, 8)
    assert.strictEqual(Serde.sessionWindowed(Serde.string).partitionSuffixBytes, 16)
    assert.strictEqual(Serde.string.partitionSuffixBytes, 0)
  })
})

describe("what cannot be honoured is an error", () => {
  const unreadable = <A>(name: string, serde: Serde.Serde<A>, bytes: string) =>
    it(`reading ${name}`, () => {
      const error = refusal(Serde.deserialize(serde, bytesOf(bytes)))
      assert.strictEqual(error.operation, "deserialize")
      assert.include(error.message, "cannot deserialize")
    })
  const unwritable = <A>(name: string, serde: Serde.Serde<A>, value: A) =>
    it(`writing ${name}`, () => assert.strictEqual(refusal(Serde.serialize(serde, value)).operation, "serialize"))

  unreadable("a long beyond 2^53", Serde.long, "0020000000000000")
  unreadable("a long of 7 bytes", Serde.long, "00000000000000")
  unreadable("an int of 5 bytes", Serde.int, "0000000000")
  unreadable("a boolean 2", Serde.boolean, "02")
  unreadable("an empty boolean", Serde.boolean, "")
  unreadable("a uuid that is none", Serde.uuid, "616263")
  unreadable("a windowed key without window", Serde.windowed(Serde.string, 10), "61")
  unreadable("a list that is cut short", Serde.list(Serde.string), "01000000020000000161")
  unreadable("a list of a negative size", Serde.list(Serde.string), "010000000100000001")
  unreadable("bytes where there should be none", Serde.void, "00")
  unreadable("text that is no JSON", Serde.json(Schema.String), "7b")
  unreadable("JSON that is not of the schema", Serde.json(Schema.String), "31")
  unreadable("JSON null", Serde.json(Schema.NullOr(Schema.String)), "6e756c6c")
  unwritable("a fraction as long", Serde.long, 0.5)
  unwritable("a long beyond 2^53", Serde.long, 2 ** 53)
  unwritable("an int beyond 32 bits", Serde.int, 2 ** 31)
  unwritable("a short beyond 16 bits", Serde.short, 2 ** 15)
  unwritable("an int64 beyond 64 bits", Serde.int64, 2n ** 63n)
  unwritable("a uuid that is none", Serde.uuid, "abc")

  it("a serde of one's own that throws", () => {
    const serde = Serde.make<number>({
      name: "mine",
      serialize: () => {
        throw new Error("no")
      },
      deserialize: () => 1
    })
    const error = refusal(Serde.serialize(serde, 1))
    assert.strictEqual(error.serde, "mine")
    assert.strictEqual(error.detail, "no")
  })
})
