import { assert, describe, it, vi } from "@effect/vitest"
import * as PlatformScenario from "@millrace/testkit/simulation/platform/PlatformScenario"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

const seeds = 4

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
      assert.strictEqual(PlatformScenario.run({ seed }).hash, first.hash, `seed ${seed}`)
    }
  })
})
