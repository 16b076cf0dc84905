/**
 * Fills a store from a topic, which is its changelog: partition by partition, so each task has its part. Its own processor puts
 * into it, others of the sub-topology read it.
 *
 * Kafka: `Topology.addReadOnlyStateStore`.
 */
import assert from "node:assert/strict"
import { ProcessorApi, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const store = StateStore.keyValue({ name: "names", key: Serde.string, value: Serde.string })
const topology = Topology.make(
  ProcessorApi.readOnlyStateStore(names, {
    store,
    sourceName: "names-source",
    processorName: "names-fill",
    processor: {
      stores: [store],
      init: (context) => {
        const filled = context.getStateStore(store)
        return ({ key, value }) => key === null ? undefined : filled.put(key, value)
      }
    }
  })
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(names, { key: "1", value: "Ada" })
assert.equal(driver.keyValueStore("names").get("1")?.value, "Ada")
assert.deepEqual(driver.takeProduced(), [])
