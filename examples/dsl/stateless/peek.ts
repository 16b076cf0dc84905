/**
 * Shows each record to a function, and passes it on. The function is called again for records that are processed again after a
 * failure.
 *
 * Kafka: `KStream.peek`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const copied = Topic.make("copied", { key: Serde.string, value: Serde.string })
const seen: Array<string> = []
const topology = Topology.make(
  KStream.from(words).pipe(KStream.peek((word, key) => seen.push(`${key}: ${word}`)), KStream.to(copied))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "to" })
assert.deepEqual(seen, ["a: to"])
assert.equal(driver.read(copied).length, 1)
