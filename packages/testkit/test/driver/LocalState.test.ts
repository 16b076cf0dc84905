import { assert, describe, it } from "@effect/vitest"
import type { DiskMap } from "@millrace/client/streams/engine/stores/DiskMap"
import { LocalState } from "@millrace/client/streams/runtime/LocalState"
import { MemoryDisk } from "@millrace/testkit"
import * as LogStoreEngine from "@millrace/testkit/platform/LogStoreEngine"
import * as Effect from "effect/Effect"

const bytes = (value: number) => Uint8Array.of(value)

const held = (map: DiskMap) => Array.from(map.range(undefined, undefined), ([[key], [value]]) => [key, value])

const opened = Effect.gen(function*() {
  const database = yield* LogStoreEngine.make(MemoryDisk.make().disk).open("stores")
  return () => new LocalState(database)
})

describe("local state", () => {
  it.effect("keeps stores and their positions together, task by task", () =>
    Effect.gen(function*() {
      const reopen = yield* opened
      const before = reopen()
      const [one, two] = [before.openUnsafe("0_0", "counts", "id"), before.openUnsafe("0_1", "counts", "id")]
      one.set(bytes(1), bytes(10))
      two.set(bytes(2), bytes(20))
      before.notePosition("0_0", "counts", 7)
      before.notePosition("0_1", "counts", 8)
      yield* before.write(new Set(["0_0"]))
      one.set(bytes(1), bytes(11))
      before.notePosition("0_0", "counts", 9)

      const after = reopen()
      assert.deepStrictEqual(held(after.openUnsafe("0_0", "counts", "id")), [[1, 10]])
      assert.strictEqual(after.positionOf("0_0", "counts"), 7)
      assert.deepStrictEqual(held(after.openUnsafe("0_1", "counts", "id")), [])
      assert.strictEqual(after.positionOf("0_1", "counts"), 0)
    }).pipe(Effect.scoped))

  it.effect("begins anew where the changelog is another topic", () =>
    Effect.gen(function*() {
      const reopen = yield* opened
      const before = reopen()
      before.openUnsafe("0_0", "counts", "old").set(bytes(1), bytes(10))
      before.notePosition("0_0", "counts", 7)
      yield* before.write(new Set(["0_0"]))

      const after = reopen()
      const map = after.openUnsafe("0_0", "counts", "new")
      assert.deepStrictEqual(held(map), [])
      assert.strictEqual(after.positionOf("0_0", "counts"), 0)
      map.set(bytes(2), bytes(20))
      after.notePosition("0_0", "counts", 1)
      yield* after.write(new Set(["0_0"]))
      assert.deepStrictEqual(held(reopen().openUnsafe("0_0", "counts", "new")), [[2, 20]])
    }).pipe(Effect.scoped))

  it.effect("forgets what a task has changed when the task is closed", () =>
    Effect.gen(function*() {
      const state = (yield* opened)()
      state.openUnsafe("0_0", "counts", "id").set(bytes(1), bytes(10))
      state.close("0_0")
      yield* state.write(new Set(["0_0"]))
      assert.deepStrictEqual(held(state.openUnsafe("0_0", "counts", "id")), [])
    }).pipe(Effect.scoped))

  it.effect("keeps a store without a changelog as it was at the last commit", () =>
    Effect.gen(function*() {
      const reopen = yield* opened
      const before = reopen()
      const map = before.openUnsafe("0_0", "seen", "")
      map.set(bytes(1), bytes(10))
      yield* before.write(new Set(["0_0"]))
      map.set(bytes(2), bytes(20))
      assert.deepStrictEqual(held(reopen().openUnsafe("0_0", "seen", "")), [[1, 10]])
    }).pipe(Effect.scoped))

  it.effect("is written when much has changed, or after a while, or what no changelog has", () =>
    Effect.gen(function*() {
      const state = (yield* opened)()
      const map = state.openUnsafe("0_0", "counts", "id")
      map.set(bytes(1), bytes(10))
      assert.deepStrictEqual([state.isDue(100), state.isDue(1000)], [false, true])
      map.set(bytes(1), new Uint8Array(8 * 1024 * 1024))
      assert.isTrue(state.isDue(100))
      yield* state.write()
      assert.isFalse(state.isDue(100))
      const unlogged = state.openUnsafe("0_0", "seen", "")
      assert.isFalse(state.isDue(100))
      unlogged.set(bytes(1), bytes(10))
      assert.isTrue(state.isDue(100))
    }).pipe(Effect.scoped))

  it.effect("never goes back, for what is below was read", () =>
    Effect.gen(function*() {
      const state = (yield* opened)()
      state.openUnsafe("0_0", "counts", "id")
      state.notePosition("0_0", "counts", 9)
      state.notePosition("0_0", "counts", 4)
      assert.strictEqual(state.positionOf("0_0", "counts"), 9)
    }).pipe(Effect.scoped))
})
