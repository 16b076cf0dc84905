/**
 * Makes a new value of each value (and key). The key stays, so nothing has to move. Given a serde, the result can be stored or
 * moved; without one only sinks, whose topics have serdes, and operators that need none take it.
 *
 * Kafka: `KStream.mapValues`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const lengths = Topic.make("lengths", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => word.length, Serde.long), KStream.to(lengths))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "question" })
assert.deepEqual(driver.read(lengths).map(({ key, value }) => [key, value]), [["a", 8]])
