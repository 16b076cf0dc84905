import { assert, describe, it } from "@effect/vitest"
import { Segment } from "@millrace/server/storage/Segment"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

describe("a segment", () => {
  // Found by the simulation, seed 911094: a record was acknowledged that a loss of power took.
  it.effect("is dirty after a write that a sync has overtaken", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const memory = MemoryDisk.make((operation, run) => {
        const settled = Effect.suspend(() => MemoryDisk.settle(run))
        return operation.name === "write" ? Effect.andThen(Deferred.await(gate), settled) : settled
      })
      const { disk } = memory
      yield* disk.makeDirectory("log")
      const segment = new Segment({ disk, directory: "log", baseOffset: 0, fresh: true, size: 0, nowMs: 0 })
      const bytes = new Uint8Array(100).fill(7)
      const writing = yield* Effect.forkChild(segment.write(bytes), { startImmediately: true })
      yield* segment.sync
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(writing)
      yield* segment.sync
      yield* disk.syncDirectory("log")
      yield* disk.syncDirectory(".")
      memory.crash()
      assert.deepStrictEqual(memory.contents("log/00000000000000000000.log"), bytes)
    }))
})
