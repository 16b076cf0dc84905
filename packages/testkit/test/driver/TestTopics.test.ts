import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { PartitionedTestDriver, TestInputTopic, TestOutputTopic, TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const loud = Topic.make("loud", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(lines).pipe(KStream.mapValues((line) => line.toUpperCase()), KStream.to(loud))
)

describe("topics of a test", () => {
  it("have a time that goes on with each record, but for those that have their own", () => {
    const driver = TopologyTestDriver.make(topology)
    const input = TestInputTopic.make(driver, lines, { startMs: 1000, advance: "1 second" })
    input.pipe({ key: "a", value: "one" })
    input.pipe({ key: "a", value: "two", timestamp: 5 })
    input.advanceTime("1 minute")
    input.pipeAll([{ key: "b", value: "three" }, { key: null, value: "four" }])
    assert.strictEqual(input.timeMs(), 64_000)
    assert.deepStrictEqual(driver.read(loud).map(({ timestamp, value }) => [value, timestamp]), [
      ["ONE", 1000],
      ["TWO", 5],
      ["THREE", 62_000],
      ["FOUR", 63_000]
    ])
  })

  it("are at the beginning of time, and stay there, if nothing else is said; of any driver", () => {
    const driver = PartitionedTestDriver.make(topology, { partitions: { lines: 2, loud: 2 } })
    TestInputTopic.make(driver, lines).pipeAll([{ key: "a", value: "one" }, { key: "a", value: "two" }])
    assert.deepStrictEqual(driver.readAll(loud).map(({ timestamp }) => timestamp), [0, 0])
  })

  it("are read record by record, each once", () => {
    const driver = TopologyTestDriver.make(topology)
    const output = TestOutputTopic.make(driver, loud)
    assert.isTrue(output.isEmpty())
    assert.throws(() => output.readOne(), /nothing more was written to loud/)
    for (const value of ["one", "two", "three"]) driver.pipe(lines, { key: "a", value })
    assert.strictEqual(output.size(), 3)
    assert.strictEqual(output.readOne().value, "ONE")
    driver.pipe(lines, { key: "a", value: "four" })
    assert.deepStrictEqual(output.read().map(({ value }) => value), ["TWO", "THREE", "FOUR"])
    assert.isTrue(output.isEmpty())
    assert.deepStrictEqual(output.read(), [])
  })
})
