import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { PackedMap } from "@millrace/client/streams/engine/stores/PackedMap"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Key = Schema.Array(Schema.Literals([0, 1, 255])).check(Schema.isMaxLength(3))
const Operation = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Set"),
    key: Key,
    length: Schema.NullOr(Schema.Literals([0, 1, 8, 9, 40, 300])),
    marks: Schema.Boolean
  }),
  Schema.Struct({ _tag: Schema.tag("Delete"), key: Key }),
  Schema.Struct({ _tag: Schema.tag("Scan"), from: Key, to: Key, reverse: Schema.Boolean }),
  Schema.Struct({ _tag: Schema.Literals(["Marked", "Unmark"]) })
])

interface Held {
  readonly value: Uint8Array | null
  readonly isMarked: boolean
}

const plain = (entries: Iterable<readonly [Uint8Array, Uint8Array | null]>) =>
  Array.from(entries, ([key, value]) => [[...key], value && [...value]])

const entriesOf = (model: BytesMap<Held>, from?: Uint8Array, to?: Uint8Array, reverse = false) =>
  Array.from(model.range(from, to, reverse), ([key, { value }]) => [key, value] as const)

const numbered = (n: number) => Uint8Array.of(n >>> 16, n >>> 8, n)

describe("PackedMap", () => {
  it.effect.prop("is a map of what was put last, ordered as unsigned bytes, and knows what is marked", [
    Schema.Array(Operation).check(Schema.isMinLength(10))
  ], ([operations]) =>
    Effect.sync(() => {
      const map = new PackedMap()
      const model = new BytesMap<Held>()
      for (const [at, operation] of operations.entries()) {
        if (operation._tag === "Set") {
          const key = Uint8Array.from(operation.key)
          const value = operation.length === null ? null : new Uint8Array(operation.length).fill(at)
          map.set(key, value, operation.marks)
          model.set(key, {
            value: value && value.slice(),
            isMarked: operation.marks || model.get(key)?.isMarked === true
          })
          // the map must have its own copy
          value?.fill(7)
        } else if (operation._tag === "Delete") {
          const key = Uint8Array.from(operation.key)
          assert.strictEqual(map.delete(key), model.delete(key))
        } else if (operation._tag === "Scan") {
          const [from, to] = [Uint8Array.from(operation.from), Uint8Array.from(operation.to)]
          const { reverse } = operation
          const expected = plain(entriesOf(model, from, to, reverse))
          assert.deepStrictEqual(plain(map.scan(from, to, reverse)), expected)
          assert.deepStrictEqual(plain(map.range(from, to, reverse)), expected.filter(([, value]) => value !== null))
          assert.deepStrictEqual(map.find(from), model.get(from)?.value)
        } else if (operation._tag === "Marked") {
          const marked = Array.from(model.range(undefined, undefined)).filter(([, { isMarked }]) => isMarked)
          assert.deepStrictEqual(plain(map.marked()), plain(marked.map(([key, { value }]) => [key, value] as const)))
          assert.strictEqual(map.markedSize, marked.length)
        } else {
          map.unmark()
          for (const [key, { isMarked, value }] of [...model.range(undefined, undefined)]) {
            if (isMarked && value === null) model.delete(key)
            else model.set(key, { value, isMarked: false })
          }
        }
        assert.strictEqual(map.size, model.size)
      }
      assert.deepStrictEqual(plain(map.scan(undefined, undefined)), plain(entriesOf(model)))
    }), { arbitrary: { runs: 300, seed: "packed" } })

  it("takes back what is not used any more, also under scans, and keeps what is", () => {
    const map = new PackedMap()
    const model = new BytesMap<Held>()
    let state = 1
    const next = (below: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below
    for (let round = 0; round < 60; round++) {
      for (let change = 0; change < 1_000; change++) {
        const key = numbered(next(3_000))
        if (next(4) === 0) {
          map.delete(key)
          model.delete(key)
        } else {
          const value = new Uint8Array(next(20) === 0 ? 5_000 : next(60)).fill(round)
          const marks = next(3) === 0
          map.set(key, value, marks)
          model.set(key, { value, isMarked: marks || model.get(key)?.isMarked === true })
        }
      }
      const marked = Array.from(model.range(undefined, undefined)).filter(([, { isMarked }]) => isMarked)
      assert.deepStrictEqual(plain(map.marked()), plain(marked.map(([key, { value }]) => [key, value] as const)))
      if (round % 3 === 0) {
        map.unmark()
        for (const [key, { value }] of marked) model.set(key, { value, isMarked: false })
      }
      if (round > 20) {
        assert.deepStrictEqual(
          plain(map.scan(undefined, numbered(200))),
          plain(entriesOf(model, undefined, numbered(200)))
        )
      }
    }
    for (let n = 0; n < 3_000; n++) assert.deepStrictEqual(map.get(numbered(n)), model.get(numbered(n))?.value)
    const held = Array.from(model.range(undefined, undefined)).reduce(
      (sum, [, { value }]) => sum + 40 + value!.length,
      0
    )
    assert.isBelow(map.usedBytes, 2 * held)
  })

  it("holds what is longer than its buffers", () => {
    const map = new PackedMap()
    const long = new Uint8Array(300_000).map((_, at) => at)
    map.set(long, numbered(1))
    map.set(numbered(2), long)
    map.set(long.subarray(1), long.subarray(2))
    assert.deepStrictEqual([map.get(long), map.get(numbered(2))], [numbered(1), long])
    assert.deepStrictEqual(map.get(long.subarray(1)), long.slice(2))
    assert.strictEqual([...map.range(undefined, undefined)].length, 3)
  })

  it("gives a scan that is under way no key twice, and values as they are, wherever they have moved", () => {
    const map = new PackedMap()
    for (let n = 0; n < 1_000; n += 2) map.set(numbered(n), numbered(n))
    const found: Array<number> = []
    for (const [key, value] of map.range(undefined, undefined)) {
      const n = (key[1]! << 8) | key[2]!
      assert.strictEqual(value.length, n % 8 === 2 ? 1_001 : 3)
      found.push(n)
      map.set(numbered(n + 1), new Uint8Array(2_000))
      map.set(numbered(n + 2 - (n % 8)), new Uint8Array(1_000))
      map.set(numbered(n + 2 - (n % 8)), new Uint8Array(1_001))
      map.delete(numbered(n + 4))
    }
    const expected = Array.from({ length: 500 }, (_, at) => 2 * at).filter((n) => n % 8 < 4)
    assert.deepStrictEqual(found, expected)
  })
})
