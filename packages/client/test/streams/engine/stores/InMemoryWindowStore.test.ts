import * as InMemoryWindowStore from "@millrace/client/streams/engine/stores/InMemoryWindowStore"
import * as WindowKey from "@millrace/client/streams/engine/stores/WindowKey"
import { noLog } from "@millrace/client/streams/engine/stores/StateStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Put = Schema.Struct({
  key: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  start: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
  value: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })))
})

describe("InMemoryWindowStore", () => {
  it.effect.prop(
    "holds what started after the largest start minus the retention, and its log restores it",
    [Schema.Array(Put)],
    ([puts]) =>
      Effect.sync(() => {
        const logged: Array<readonly [Uint8Array, Uint8Array | null, number]> = []
        const log = {
          append: (...change: readonly [Uint8Array, Uint8Array | null, number]) => void logged.push(change)
        }
        const store = InMemoryWindowStore.make("w", 20, log)
        const model = new Map<string, number>()
        let largest = -1
        for (const [index, { key, start, value }] of puts.entries()) {
          largest = Math.max(largest, start)
          const kept = store.put(Uint8Array.of(key), value === null ? null : Uint8Array.of(value), start, index)
          assert.strictEqual(kept, start > largest - 20)
          if (value === null) model.delete(`${start}/${key}`)
          else model.set(`${start}/${key}`, value)
        }
        const expected = [...model].map(([name, value]) => [...name.split("/").map(Number), value] as const)
          .filter(([start]) => start! > largest - 20)
          .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
        const contents = (of: typeof store) =>
          Array.from(
            of.fetchRange(undefined, undefined, 0, 100),
            ({ key, stored, windowStart }) => [windowStart, key[0], stored.value[0]]
          )
        assert.deepStrictEqual(contents(store), expected.map((entry) => [...entry]))
        const restored = InMemoryWindowStore.make("w", 20, noLog)
        for (const [key, value, timestamp] of logged) restored.restore(key, value, timestamp)
        assert.deepStrictEqual(contents(restored), contents(store))
      }),
    { arbitrary: { runs: 200, seed: "streams" } }
  )

  it("logs keys as Kafka does", () => {
    const bytes = WindowKey.windowKey(Uint8Array.of(0x61), 2 ** 33 + 10, 1)
    assert.deepStrictEqual([...bytes], [0x61, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 0, 1])
    assert.strictEqual(WindowKey.windowStartOf(bytes), 2 ** 33 + 10)
  })
})
