import type { Admin } from "@millrace/client/admin/Admin"
import { AdminError } from "@millrace/client/admin/AdminError"
import * as limits from "@millrace/client/limits"
import * as MappedKeyValueStore from "@millrace/client/streams/engine/stores/MappedKeyValueStore"
import { PackedMap } from "@millrace/client/streams/engine/stores/PackedMap"
import { noLog } from "@millrace/client/streams/engine/stores/StateStore"
import * as Position from "@millrace/client/streams/Position"
import { StandbyPositions } from "@millrace/client/streams/runtime/queries/StandbyPositions"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"

const source = { topic: "words", partition: 0 }
const changelog = { topic: "app-counts-changelog", partition: 0 }

const Event = Schema.Union([
  // the task processes a record, and makes so many changes
  Schema.Struct({ _tag: Schema.Literal("process"), changes: Schema.Literals([0, 1, 3]) }),
  Schema.Struct({ _tag: Schema.Literal("commit") }),
  Schema.Struct({ _tag: Schema.Literal("read"), count: Schema.Literals([1, 2, 5]) }),
  Schema.Struct({ _tag: Schema.Literal("learn") })
])

/** A task elsewhere, as the cluster knows it. */
const elsewhere = () => {
  const task = { endAfter: [] as Array<number>, committed: -1, end: 0, asked: 0, isDown: false, delayMs: 0 }
  const down = new AdminError({ operation: "list offsets", refusals: [] })
  const admin = {
    listConsumerGroupOffsets: () =>
      Effect.suspend(() => {
        task.asked++
        const found = task.committed < 0 ? [] : [{ ...source, offset: task.committed, leaderEpoch: 0, metadata: "" }]
        return task.isDown ? Effect.fail(down) : Effect.delay(Effect.succeed(found), task.delayMs)
      }),
    listOffsets: () => Effect.sync(() => [{ ...changelog, offset: task.end, timestamp: -1, leaderEpoch: 0 }])
  } as unknown as Pick<Admin["Service"], "listConsumerGroupOffsets" | "listOffsets">
  return { task, admin }
}

const copyAt = (readTo: number, store = MappedKeyValueStore.make("counts", new PackedMap(), noLog)) => ({
  store,
  changelog,
  readTo,
  sources: [source]
})

describe("StandbyPositions", () => {
  it.effect.prop(
    "never say that a record is in a copy which has not read its changes, and all that is committed in the end",
    [Schema.Array(Event)],
    ([events]) =>
      Effect.gen(function*() {
        const { admin, task } = elsewhere()
        const positions = new StandbyPositions("app", admin)
        const { store } = copyAt(0)
        let readTo = 0
        const offset = () => Position.offsetOf(positions.of(copyAt(readTo, store)), source.topic, 0) ?? -1
        for (const event of events) {
          if (event._tag === "process") task.endAfter.push(task.end += event.changes)
          else if (event._tag === "commit") task.committed = task.endAfter.length
          else if (event._tag === "read") readTo = Math.min(task.end, readTo + event.count)
          else yield* positions.learn(copyAt(readTo, store))
          assert.isAtMost(task.endAfter[offset()] ?? 0, readTo)
          yield* TestClock.adjust(limits.standbyPositionIntervalMs)
        }
        readTo = task.end
        // what was asked for before may have been of less
        for (let round = 0; round < 2; round++) {
          offset()
          yield* positions.learn(copyAt(readTo, store))
        }
        if (task.committed > 0) assert.strictEqual(offset(), task.committed - 1)
      })
  )

  it.effect("ask once at a time, not too often, and again after a failure; another store is another copy", () =>
    Effect.gen(function*() {
      const { admin, task } = elsewhere()
      const positions = new StandbyPositions("app", admin)
      const copy = copyAt(7)
      Object.assign(task, { committed: 3, end: 7, isDown: true, delayMs: 1000 })
      yield* positions.learn(copy)
      assert.strictEqual(positions.of(copy).size, 0)
      task.isDown = false
      yield* positions.learn(copy)
      assert.strictEqual(task.asked, 1, "too early")
      yield* TestClock.adjust(limits.standbyPositionIntervalMs)
      const asking = yield* Effect.forkChild(positions.learn(copy), { startImmediately: true })
      yield* TestClock.adjust(limits.standbyPositionIntervalMs)
      yield* positions.learn(copy)
      assert.strictEqual(task.asked, 2, "one asks already")
      yield* TestClock.adjust(1000)
      yield* Fiber.join(asking)
      assert.deepStrictEqual(positions.of(copy), Position.of({ ...source, offset: 2 }))
      assert.strictEqual(positions.of(copyAt(7)).size, 0)
    }))
})
