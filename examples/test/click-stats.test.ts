import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { campaigns, CheckFailed, clicks, clickStats, FraudCheck, statsPerMinute } from "../click-stats.ts"

const at = (seconds: number) => ({ timestamp: seconds * 1000 })

describe("click-stats", () => {
  it("tells the clicks of each minute when it is over, without frauds", () => {
    const driver = TopologyTestDriver.make(clickStats, { layer: FraudCheck.layerHonest })
    driver.pipe(campaigns, { key: "shoes", value: { budget: 5 }, ...at(0) })
    driver.pipe(clicks, { key: "shoes", value: { user: "ann" }, ...at(1) })
    driver.pipe(clicks, { key: "shoes", value: { user: "fraud" }, ...at(2) })
    driver.pipe(clicks, { key: "shoes", value: { user: "bob" }, ...at(59) })
    assert.deepStrictEqual(driver.read(statsPerMinute), [])
    driver.pipe(clicks, { key: "shoes", value: { user: "cyd" }, ...at(70) })
    const [stats, ...more] = driver.read(statsPerMinute)
    assert.deepStrictEqual(stats?.value, { clicks: 2, budget: 5 })
    assert.deepStrictEqual([stats?.key?.key, stats?.key?.start, stats?.key?.end], ["shoes", 0, 60_000])
    assert.deepStrictEqual(more, [])
  })

  it("ends with the error of its check", () => {
    const layer = Layer.succeed(FraudCheck, { isFraud: (user) => Effect.fail(new CheckFailed({ user })) })
    const driver = TopologyTestDriver.make(clickStats, { layer })
    driver.pipe(campaigns, { key: "shoes", value: { budget: 5 } })
    assert.throws(() => driver.pipe(clicks, { key: "shoes", value: { user: "ann" } }), /Effect in KSTREAM-FILTER/)
  })
})
