/**
 * Joins as `join`, and keeps each record of either stream that meets none, with null for the other value.
 *
 * Kafka: `KStream.outerJoin`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const left = Topic.make("left", { key: Serde.string, value: Serde.string })
const right = Topic.make("right", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(left).pipe(
    KStream.outerJoin(KStream.from(right), (l, r) => `${l}+${r}`, JoinWindows.ofTimeDifference(10)),
    KStream.to(pairs)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(left, { key: "a", value: "l", timestamp: 0 })
driver.pipe(right, { key: "b", value: "r", timestamp: 5 })
driver.pipe(right, { key: "c", value: "x", timestamp: 16 })
assert.deepEqual(driver.read(pairs).map(({ value }) => value), ["l+null", "null+r"])
