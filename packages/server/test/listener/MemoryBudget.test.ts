import { assert, describe, it } from "@effect/vitest"
import { MemoryBudget } from "@millrace/server/listener/MemoryBudget"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

describe("MemoryBudget", () => {
  it.effect("lets takers wait in order, and forgets those who give up", () =>
    Effect.gen(function*() {
      const budget = new MemoryBudget(10)
      assert.isTrue(budget.tryTake(8))
      assert.isFalse(budget.tryTake(3))
      const first = yield* Effect.forkChild(budget.take(5), { startImmediately: true })
      const second = yield* Effect.forkChild(budget.take(2), { startImmediately: true })
      assert.isFalse(budget.tryTake(1))
      yield* Fiber.interrupt(first)
      budget.give(1)
      yield* Fiber.join(second)
      assert.strictEqual(budget.takenBytes, 9)
      budget.give(9)
      assert.strictEqual(budget.takenBytes, 0)
    }))

  it("lets one who asks for more than there is go alone", () => {
    const budget = new MemoryBudget(10)
    assert.isTrue(budget.tryTake(100))
    assert.isFalse(budget.tryTake(1))
    budget.give(100)
    assert.isTrue(budget.tryTake(1))
  })
})
