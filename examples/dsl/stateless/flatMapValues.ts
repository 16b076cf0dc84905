/**
 * Makes any number of values of each value. The key stays, so nothing has to move.
 *
 * Kafka: `KStream.flatMapValues`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(lines).pipe(KStream.flatMapValues((line) => line.split(" "), Serde.string), KStream.to(words))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(lines, { key: "a", value: "to be" })
assert.deepEqual(driver.read(words).map(({ value }) => value), ["to", "be"])
