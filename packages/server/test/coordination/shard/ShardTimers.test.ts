import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ShardTimers } from "../../../src/coordination/shard/ShardTimers.ts"
import { UndoLog } from "../../../src/coordination/shard/UndoLog.ts"

const ints = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })))

describe("ShardTimers", () => {
  it.effect.prop(
    "fires what a plain map of deadlines would fire, whatever is set, moved, or taken back",
    [ints],
    ([ns]) =>
      Effect.sync(() => {
        const undo = new UndoLog()
        const timers = new ShardTimers<string>(undo)
        let model = new Map<string, number>()
        let saved = { model: new Map<string, number>(), mark: 0 }
        let now = 0
        for (const n of ns) {
          const key = `k${n % 5}`
          switch (Math.floor(n / 5) % 6) {
            case 0:
              timers.command({ key, set: null })
              model.delete(key)
              break
            case 1: {
              now += n % 50
              const due = [...model].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b)
              const fired: Array<string> = []
              for (let timer = timers.take(now); timer !== undefined; timer = timers.take(now)) fired.push(timer)
              assert.deepStrictEqual(fired.map((name) => model.get(name)), due.map(([, at]) => at))
              assert.sameMembers(fired, due.map(([name]) => name))
              for (const name of fired) model.delete(name)
              break
            }
            case 2:
              saved = { model: new Map(model), mark: undo.position }
              break
            case 3:
              undo.rollback(saved.mark)
              timers.reindex()
              model = new Map(saved.model)
              break
            default: {
              const at = now + (n % 97)
              timers.command({ key, set: { at, timer: key } })
              model.set(key, at)
            }
          }
          assert.strictEqual(timers.next(), Math.min(Infinity, ...model.values()))
        }
      }),
    { arbitrary: { seed: 1, runs: 300 } }
  )

  it("keeps one entry for a timer that is moved further and further", () => {
    const timers = new ShardTimers<string>(new UndoLog())
    for (let at = 1; at <= 1000; at++) timers.command({ key: "session", set: { at, timer: "session" } })
    assert.strictEqual(timers.next(), 1000)
    assert.strictEqual(timers.take(999), undefined)
    assert.strictEqual(timers.take(1000), "session")
    assert.strictEqual(timers.next(), Infinity)
  })
})
