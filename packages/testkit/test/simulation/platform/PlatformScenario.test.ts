import { assert, describe, it, vi } from "@effect/vitest"
import type { Fault } from "@millrace/testkit/simulation/Fault"
import * as PlatformScenario from "@millrace/testkit/simulation/platform/PlatformScenario"
import * as Size from "@millrace/testkit/simulation/platform/Size"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

/** Seeds that are tried, and how many of them twice. */
const seeds = 24
const seedsTwice = 4

describe("a broker, its clients and an app", () => {
  it("keep their promises without faults", () => {
    const { anomalies, virtualMs } = PlatformScenario.run({ seed: 1, faults: [] })
    assert.deepStrictEqual(anomalies, [])
    assert.isBelow(virtualMs, 60_000)
  })

  it("keep their promises under faults, and do the same for the same seed", () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const first = PlatformScenario.run({ seed })
      assert.deepStrictEqual(first.anomalies, [], `seed ${seed}`)
      if (seed <= seedsTwice) assert.strictEqual(PlatformScenario.run({ seed }).hash, first.hash, `seed ${seed}`)
    }
  })

  it("are judged by all that the topics hold, though the last transaction was committed while their ends were asked for", () => {
    const size: Size.Size = {
      ...Size.full,
      safetyMs: 2_023,
      records: 13,
      consumers: 1,
      transactions: 0,
      lines: 0,
      apps: 0,
      travellers: 5
    }
    const when = { does: "writes", what: "__consumer_offsets", skip: 0 } as const
    const fault: Fault = { kind: "crash", process: "broker", atMs: 1_748, crash: "power", downMs: 328, when }
    assert.deepStrictEqual(PlatformScenario.run({ seed: 210127, size, faults: [fault] }).anomalies, [])
  })

  it("give nobody what nobody wrote, though logs rot", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const faults: ReadonlyArray<Fault> = [
        { kind: "rot", process: "broker", atMs: 1_000, file: seed, position: seed * 7919, bit: seed % 8 },
        { kind: "rot", process: "broker", atMs: 1_500, file: seed * 31, position: seed * 104_729, bit: 3 },
        { kind: "crash", process: "broker", atMs: 1_600, crash: "kill", downMs: 100 }
      ]
      const { anomalies, reached } = PlatformScenario.run({ seed, faults })
      assert.include([...reached], "a bit of a log rotted")
      assert.deepStrictEqual(anomalies, [], `seed ${seed}`)
    }
  })
})
