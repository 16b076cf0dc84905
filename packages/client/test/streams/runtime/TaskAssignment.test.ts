import * as TaskAssignment from "@millrace/client/streams/runtime/TaskAssignment"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Case = Schema.Struct({
  members: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  tasks: Schema.Array(Schema.Struct({
    isStateful: Schema.Boolean,
    owner: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 6 }))
  }))
})

const spread = (sizes: ReadonlyArray<number>) => Math.max(...sizes) - Math.min(...sizes)

describe("TaskAssignment", () => {
  it.effect.prop("gives each task once, in balance, and settles at once", [Case], ([given]) =>
    Effect.sync(() => {
      const members = Array.from({ length: given.members }, (_, i) => `m${i}`)
      const tasks = given.tasks.map((task, i) => ({ id: `0_${i}`, isStateful: task.isStateful }))
      const owners = new Map(given.tasks.map((task, i) => [`0_${i}`, `m${task.owner}`]))
      const assigned = TaskAssignment.assign(tasks, members, owners)
      const all = [...assigned.values()].flat()
      assert.deepStrictEqual([...all].sort(), tasks.map((task) => task.id).sort())
      assert.isAtMost(spread([...assigned.values()].map((list) => list.length)), 1)
      const stateful = new Set(tasks.filter((task) => task.isStateful).map((task) => task.id))
      assert.isAtMost(spread([...assigned.values()].map((list) => list.filter((id) => stateful.has(id)).length)), 1)
      const now = new Map([...assigned].flatMap(([member, list]) => list.map((id) => [id, member] as const)))
      const again = TaskAssignment.assign(tasks, [...members].reverse(), now)
      for (const [member, list] of again) assert.deepStrictEqual([...list].sort(), [...assigned.get(member)!].sort())
    }), { arbitrary: { runs: 300, seed: "streams" } })

  it("leaves tasks where they are when a member joins, except for its share", () => {
    const tasks = Array.from({ length: 6 }, (_, i) => ({ id: `0_${i}`, isStateful: true }))
    const owners = new Map(tasks.map((task, i) => [task.id, i < 3 ? "a" : "b"]))
    const assigned = TaskAssignment.assign(tasks, ["a", "b", "c"], owners)
    assert.deepStrictEqual(assigned.get("a"), ["0_0", "0_1"])
    assert.deepStrictEqual(assigned.get("b"), ["0_3", "0_4"])
    assert.deepStrictEqual(assigned.get("c"), ["0_2", "0_5"])
  })
})
