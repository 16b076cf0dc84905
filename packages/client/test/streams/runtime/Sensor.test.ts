import { Sensor } from "@millrace/client/streams/runtime/Sensor"
import { assert, describe, it } from "@effect/vitest"

describe("Sensor", () => {
  it("tells of the last half to whole minute, and the total of all time", () => {
    const sensor = new Sensor(0)
    assert.isNaN(sensor.average(0))
    assert.isNaN(sensor.max(0))
    for (let second = 1; second <= 20; second++) sensor.record(second * 1000, second, 2)
    assert.strictEqual(sensor.total, 40)
    assert.strictEqual(sensor.rate(20_000), 2)
    assert.strictEqual(sensor.max(20_000), 20)
    assert.strictEqual(sensor.average(20_000), 210 / 40)
    sensor.record(40_000, 5)
    assert.strictEqual(sensor.max(40_000), 20)
    assert.strictEqual(sensor.max(75_000), 5)
    assert.isNaN(sensor.max(140_000))
    assert.strictEqual(sensor.rate(140_000), 0)
    assert.strictEqual(sensor.total, 41)
  })
})
