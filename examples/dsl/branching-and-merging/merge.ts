/**
 * Makes one stream of two, whose keys and values have the same types. There is no order between the records of the two; those
 * of one stay in order. Nothing moves.
 *
 * Kafka: `KStream.merge`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const left = Topic.make("left", { key: Serde.string, value: Serde.string })
const right = Topic.make("right", { key: Serde.string, value: Serde.string })
const both = Topic.make("both", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(left).pipe(KStream.merge(KStream.from(right)), KStream.to(both))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(left, { key: "a", value: "l" })
driver.pipe(right, { key: "a", value: "r" })
assert.deepEqual(driver.read(both).map(({ value }) => value), ["l", "r"])
