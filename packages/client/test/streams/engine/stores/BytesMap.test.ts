import { BytesMap, compareBytes } from "@millrace/client/streams/engine/stores/BytesMap"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Key = Schema.Array(Schema.Literals([0, 1, 127, 128, 255]))
const Operation = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("set"), key: Key, value: Schema.Int }),
  Schema.Struct({ _tag: Schema.Literal("delete"), key: Key }),
  Schema.Struct({ _tag: Schema.Literal("range"), from: Key, to: Key })
])

const text = (bytes: Uint8Array) => [...bytes].map((byte) => String.fromCharCode(byte)).join("")

describe("BytesMap", () => {
  it.effect.prop(
    "is a map, ordered as unsigned bytes",
    [Schema.Array(Operation)],
    ([operations]) =>
      Effect.sync(() => {
        const map = new BytesMap<number>()
        const model = new Map<string, number>()
        for (const operation of operations) {
          if (operation._tag === "set") {
            const bytes = Uint8Array.from(operation.key)
            map.set(bytes, operation.value)
            model.set(text(bytes), operation.value)
            // the map must have its own copy
            bytes.fill(7)
          } else if (operation._tag === "delete") {
            const bytes = Uint8Array.from(operation.key)
            assert.strictEqual(map.delete(bytes), model.delete(text(bytes)))
          } else {
            const from = Uint8Array.from(operation.from)
            const to = Uint8Array.from(operation.to)
            const expected = [...model].filter(([key]) => key >= text(from) && key <= text(to)).sort()
            expected.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
            const found = [...map.range(from, to)].map(([key, value]) => [text(key), value])
            assert.deepStrictEqual(found, expected)
            const backwards = [...map.range(from, to, true)].map(([key, value]) => [text(key), value])
            assert.deepStrictEqual(backwards, expected.reverse())
          }
          assert.strictEqual(map.size, model.size)
        }
        for (const [key, value] of map.range(undefined, undefined)) assert.strictEqual(model.get(text(key)), value)
      }),
    { arbitrary: { runs: 300, seed: "streams" } }
  )

  it("keeps up with many keys that come and go", () => {
    const map = new BytesMap<number>()
    const keyOf = (n: number) => Uint8Array.of(n >>> 16, n >>> 8, n)
    for (let n = 0; n < 20_000; n++) map.set(keyOf(n), n)
    for (let n = 0; n < 20_000; n += 2) map.delete(keyOf(n))
    assert.strictEqual(map.size, 10_000)
    for (let n = 0; n < 20_000; n++) assert.strictEqual(map.get(keyOf(n)), n % 2 === 0 ? undefined : n)
    let last: Uint8Array | undefined
    for (const [key] of map.range(undefined, undefined)) {
      if (last !== undefined) assert.isBelow(compareBytes(last, key), 0)
      last = key.slice()
    }
  })

  it("stays in order while keys come and go between scans, a few at a time or many", () => {
    const map = new BytesMap<number>()
    const held = new Set<number>()
    const keyOf = (n: number) => Uint8Array.of(n >>> 16, n >>> 8, n)
    const numberOf = (key: Uint8Array) => (key[0]! << 16) | (key[1]! << 8) | key[2]!
    let state = 1
    const next = (below: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below
    for (let round = 0; round < 120; round++) {
      for (let change = [3, 40, 900][next(3)]!; change > 0; change--) {
        const n = next(3_000)
        if (next(5) < (round < 60 ? 3 : 1)) {
          map.set(keyOf(n), n)
          held.add(n)
        } else {
          assert.strictEqual(map.delete(keyOf(n)), held.delete(n))
        }
      }
      const [from, to] = [next(1_500), 1_500 + next(1_500)]
      const expected = [...held].filter((n) => n >= from && n <= to).sort((a, b) => a - b)
      assert.deepStrictEqual(Array.from(map.range(keyOf(from), keyOf(to)), ([key]) => numberOf(key)), expected)
      const backwards = Array.from(map.range(keyOf(from), keyOf(to), true), ([key]) => numberOf(key))
      assert.deepStrictEqual(backwards, expected.reverse())
    }
  })

  it("gives a scan that is under way no key twice, and values as they are", () => {
    const map = new BytesMap<number>()
    for (let n = 0; n < 1_000; n += 2) map.set(Uint8Array.of(n >>> 8, n), n)
    const found: Array<number> = []
    for (const [, n] of map.range(undefined, undefined)) {
      found.push(n)
      map.set(Uint8Array.of((n + 1) >>> 8, n + 1), -1)
      map.delete(Uint8Array.of((n + 4) >>> 8, n + 4))
      for (const _ of map.range(undefined, undefined)) break
    }
    const expected = Array.from({ length: 500 }, (_, at) => 2 * at).filter((n) => n % 8 < 4)
    assert.deepStrictEqual(found, expected)
  })
})
