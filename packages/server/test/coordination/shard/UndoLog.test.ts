import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { UndoLog, UndoMap } from "../../../src/coordination/shard/UndoLog.ts"

const ints = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })))

const snapshot = (maps: UndoMap<string, UndoMap<number, number>>) =>
  [...maps].map(([name, map]) => [name, [...map].sort(([a], [b]) => a - b)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))

describe("UndoLog", () => {
  it.effect.prop(
    "takes back everything since a mark, nested maps included",
    [ints, ints, ints],
    ([base, lost, kept]) =>
      Effect.sync(() => {
        const undo = new UndoLog()
        const maps = new UndoMap<string, UndoMap<number, number>>(undo)
        const change = (n: number) => {
          const name = `m${n % 3}`
          if (n % 7 === 0) maps.delete(name)
          else {
            const map = maps.getOrMake(name, () => new UndoMap(undo))
            if (n % 5 === 0) map.delete(n % 11)
            else map.set(n % 11, n)
          }
        }
        for (const n of base) change(n)
        undo.forget(Math.floor(undo.position / 2))
        const mark = undo.position
        const before = snapshot(maps)
        for (const n of lost) change(n)
        undo.rollback(mark)
        assert.deepStrictEqual(snapshot(maps), before)
        assert.strictEqual(undo.position, mark)
        for (const n of kept) change(n)
        undo.forget(undo.position)
        const after = snapshot(maps)
        undo.rollback(mark)
        assert.deepStrictEqual(snapshot(maps), after)
      }),
    { arbitrary: { seed: 1, runs: 200 } }
  )

  it("remembers nothing while it does not record", () => {
    const undo = new UndoLog()
    const map = new UndoMap<string, number>(undo)
    undo.recording = false
    map.set("a", 1)
    undo.recording = true
    assert.strictEqual(undo.position, 0)
    undo.rollback(0)
    assert.strictEqual(map.get("a"), 1)
  })
})
