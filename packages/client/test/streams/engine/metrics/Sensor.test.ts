import { Sensor } from "@millrace/client/streams/engine/metrics/Sensor"
import { assert, describe, it } from "@effect/vitest"

describe("Sensor", () => {
  it("tells of the last half to whole minute, and the totals of all time", () => {
    const sensor = new Sensor()
    assert.isNaN(sensor.average(0))
    assert.isNaN(sensor.max(0))
    assert.strictEqual(sensor.rate(0), 0)
    for (let second = 1; second <= 20; second++) sensor.record(second * 1000, second)
    assert.deepStrictEqual([sensor.count, sensor.sum], [20, 210])
    // as Kafka: the first sample counts as complete
    assert.strictEqual(sensor.rate(21_000), 20 / (20 + 30))
    assert.strictEqual(sensor.sumRate(21_000), 210 / (20 + 30))
    assert.deepStrictEqual([sensor.min(20_000), sensor.max(20_000), sensor.average(20_000)], [1, 20, 10.5])
    sensor.record(40_000, 5)
    assert.strictEqual(sensor.max(40_000), 20)
    assert.strictEqual(sensor.rate(40_000), 21 / 39)
    sensor.record(71_000, 4)
    assert.deepStrictEqual([sensor.min(71_000), sensor.max(71_000)], [4, 5])
    assert.isNaN(sensor.max(140_000))
    assert.strictEqual(sensor.rate(140_000), 0)
    assert.deepStrictEqual([sensor.count, sensor.sum], [22, 219])
  })
})
