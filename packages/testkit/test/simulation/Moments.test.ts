import { assert, describe, it } from "@effect/vitest"
import { Disk } from "@millrace/core/platform/Disk"
import * as Fault from "@millrace/testkit/simulation/Fault"
import { type Moment, Moments } from "@millrace/testkit/simulation/Moments"
import { World } from "@millrace/testkit/simulation/World"
import * as Effect from "effect/Effect"

const writes: Moment = { does: "writes", what: "events", skip: 0 }

/** What was told of moments that were aimed at. */
const told = (aims: ReadonlyArray<readonly [process: string, moment: Moment]>) => {
  const moments = new Moments()
  const heard: Array<string> = []
  for (const [process, moment] of aims) {
    moments.aim(process, moment, (what) => heard.push(`${process} ${moment.does} ${what}`))
  }
  return { heard, moments }
}

describe("a moment that is aimed at", () => {
  it("is told of once, after as many others as are let pass", () => {
    const { heard, moments } = told([["broker", { ...writes, skip: 2 }]])
    for (let count = 1; count <= 5; count++) {
      moments.happens("broker", "writes", "events")
      assert.strictEqual(heard.length, count < 3 ? 0 : 1)
    }
  })

  it("is one of this process, this act and this topic or API", () => {
    const { heard, moments } = told([["broker", writes]])
    moments.happens("app-1", "writes", "events")
    moments.happens("broker", "syncs", "events")
    moments.happens("broker", "writes", "ledger")
    assert.deepStrictEqual(heard, [])
    moments.happens("broker", "writes", "events")
    assert.deepStrictEqual(heard, ["broker writes events"])
  })

  it("may be any change, may be aimed at twice, and is forgotten when all is healed", () => {
    const any: Moment = { does: "changes", what: "", skip: 0 }
    const { heard, moments } = told([["broker", any], ["broker", any], ["broker", { ...any, skip: 1 }]])
    moments.happens("broker", "changes", "rename")
    assert.deepStrictEqual(heard, ["broker changes rename", "broker changes rename"])
    moments.clear()
    moments.happens("broker", "changes", "rename")
    assert.strictEqual(heard.length, 2)
  })
})

describe("a fault at a moment", () => {
  /** What a process has written of ten bytes, one every tenth of a second, when it is killed at a moment. */
  const killedAt = (when: Moment) => {
    const world = new World({ seed: 1, stepsMax: 100_000, timeMaxMs: 10_000 })
    const { universe } = world
    let written = 0
    const program = Effect.gen(function*() {
      const disk = yield* Disk
      yield* disk.makeDirectory("data/events-0")
      const file = yield* disk.open("data/events-0/00000000000000000000.log", "create")
      for (let at = 0; at < 10; at++) {
        yield* file.write([Uint8Array.of(at)], at)
        written = at + 1
        yield* Effect.sleep(100)
      }
    })
    const process = world.add("one", [Effect.scoped(program)], false)
    const faults = new Fault.Faults(universe, world.network, world.processes)
    faults.plan([{ kind: "crash", process: "one", atMs: 0, crash: "kill", downMs: 60_000, when }])
    process.start()
    universe.run(() => !process.isRunning)
    const there = process.disk.files.contents("data/events-0/00000000000000000000.log").length
    return { written, there, events: universe.trace.events.join("\n") }
  }

  it("happens when a process writes to a log the so manieth time, and what it wrote is there", () => {
    const { events, there, written } = killedAt({ ...writes, skip: 3 })
    assert.strictEqual(written, 3)
    assert.strictEqual(there, 4)
    assert.include(events, "once it writes events, 4 times")
  })

  it("happens a time after it, if it says so", () => {
    const { events, written } = killedAt({ ...writes, skip: 3, thenMs: 250 })
    assert.strictEqual(written, 6)
    assert.include(events, "once it writes events, 4 times, and 250 ms have passed")
  })
})
