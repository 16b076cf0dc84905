/**
 * Gives a line of text for each record to a function: `[label]: key, value`, or what `format` makes of it. The end of a stream.
 *
 * Kafka: `KStream.print`, `Printed`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const printed: Array<string> = []
const topology = Topology.make(
  KStream.from(words).pipe(KStream.print({ to: (line) => printed.push(line), label: "words" }))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "to" })
assert.deepEqual(printed, ["[words]: a, to"])
