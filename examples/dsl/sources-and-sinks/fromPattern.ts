/**
 * Reads all topics whose whole name a pattern matches, also those that are made later. None of them may be read by another
 * source of the topology.
 *
 * Kafka: `StreamsBuilder.stream(Pattern)`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const serdes = { key: Serde.string, value: Serde.string }
const all = Topic.make("all", { key: Serde.string, value: Serde.string })
const topology = Topology.make(KStream.fromPattern(/orders-.+/, serdes).pipe(KStream.to(all)))

const driver = TopologyTestDriver.make(topology)
driver.pipe(Topic.make("orders-eu", serdes), { key: "1", value: "tea" })
driver.pipe(Topic.make("orders-us", serdes), { key: "2", value: "coffee" })
assert.deepEqual(driver.read(all).map(({ value }) => value), ["tea", "coffee"])
