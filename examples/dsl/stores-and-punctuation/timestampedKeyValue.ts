/**
 * A store of keys and values with timestamps, as tables have them: so a processor can read a table's store.
 *
 * Kafka: `Stores.timestampedKeyValueStoreBuilder`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const latest = StateStore.timestampedKeyValue({ name: "latest", key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      stores: [latest],
      init: (context) => {
        const store = context.getStateStore(latest)
        return ({ key, timestamp, value }) => {
          if (key !== null && timestamp >= (store.get(key)?.timestamp ?? 0)) store.put(key, { value, timestamp })
        }
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "new", timestamp: 9 })
driver.pipe(words, { key: "a", value: "old", timestamp: 3 })
assert.deepEqual(driver.keyValueStore("latest").get("a"), { value: "new", timestamp: 9 })
