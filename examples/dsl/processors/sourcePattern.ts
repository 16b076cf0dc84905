/**
 * Reads all topics whose whole name a pattern matches, also those that are made later, as a named node.
 *
 * Kafka: `Topology.addSource(String, Pattern)`.
 */
import assert from "node:assert/strict"
import { ProcessorApi, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const serdes = { key: Serde.string, value: Serde.string }
const all = Topic.make("all", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  ProcessorApi.sink("all", ProcessorApi.sourcePattern("orders", /orders-.+/, serdes), all)
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(Topic.make("orders-eu", serdes), { key: "1", value: "tea" })
driver.pipe(Topic.make("orders-us", serdes), { key: "2", value: "coffee" })
assert.deepEqual(driver.read(all).map(({ value }) => value), ["tea", "coffee"])
