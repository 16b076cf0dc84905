/**
 * Lets named processors use a store beside those that their suppliers name. Usually the supplier names it, in `stores`; then
 * nothing has to be connected.
 *
 * Kafka: `Topology.addStateStore`, `connectProcessorAndStateStores`.
 */
import assert from "node:assert/strict"
import { ProcessorApi, ProcessorSupplier, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const seen = StateStore.keyValue({ name: "seen", key: Serde.string, value: Serde.long })
const remember = ProcessorSupplier.make<string | null, string, never, never>()<typeof seen>({
  init: (context) => {
    const store = context.getStateStore(seen)
    return ({ timestamp, value }) => store.put(value, timestamp)
  }
})
const node = ProcessorApi.processor("remember", ProcessorApi.source("words", words), remember)
const topology = Topology.make(node, ProcessorApi.connect(seen, node))

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: null, value: "to", timestamp: 7 })
assert.equal(driver.keyValueStore("seen").get("to")?.value, 7)
