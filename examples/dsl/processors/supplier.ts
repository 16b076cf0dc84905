/**
 * Writes a processor apart from the stream that it is for: its types are given first. A supplier is a value without state;
 * stores that it names are made with it.
 *
 * Kafka: classes that implement `ProcessorSupplier` or `FixedKeyProcessorSupplier`.
 */
import assert from "node:assert/strict"
import { KStream, ProcessorSupplier, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const loud = Topic.make("loud", { key: Serde.string, value: Serde.string })
const swap = ProcessorSupplier.make<string | null, string, string, string>()({
  init: (context) => ({ key, timestamp, value }) => context.forward({ key: value, value: key ?? "", timestamp })
})
const shout = ProcessorSupplier.makeFixedKey<string, string, string>()({
  init: (context) => (record) => context.forward(record.withValue(record.value.toUpperCase()))
})
const topology = Topology.make(
  KStream.from(words).pipe(KStream.process(swap), KStream.processValues(shout), KStream.to(loud))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "be", value: "to" })
assert.deepEqual(driver.read(loud).map(({ key, value }) => [key, value]), [["to", "BE"]])
