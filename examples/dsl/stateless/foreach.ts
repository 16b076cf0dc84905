/**
 * Shows each record to a function. The end of a stream.
 *
 * Kafka: `KStream.foreach`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const seen: Array<string> = []
const topology = Topology.make(KStream.from(words).pipe(KStream.foreach((word) => seen.push(word))))

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "to" })
assert.deepEqual(seen, ["to"])
