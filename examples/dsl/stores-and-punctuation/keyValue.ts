/**
 * A store of keys and values, in the order of the keys' bytes: `get`, `put` (null deletes), `putIfAbsent`, `delete`, `range`,
 * `prefixScan`, `all`, and the last first. A handle is a value: the one that several processors name is one store. It is
 * kept on disk (`type: "memory"`: in memory) and has a changelog (`logging: false`: none), but no cache unless asked for.
 *
 * Kafka: `Stores.keyValueStoreBuilder`, `Stores.persistentKeyValueStore`, `Stores.inMemoryKeyValueStore`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const news = Topic.make("news", { key: Serde.string, value: Serde.string })
const seen = StateStore.keyValue({ name: "seen", key: Serde.string, value: Serde.boolean, type: "memory" })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.processValues({
      stores: [seen],
      init: (context) => {
        const store = context.getStateStore(seen)
        return (record) => {
          if (store.putIfAbsent(record.value, true) === null) context.forward(record)
        }
      }
    }, Serde.string),
    KStream.to(news)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", "be", "to"]) driver.pipe(words, { key: null, value })
assert.deepEqual(driver.read(news).map(({ value }) => value), ["to", "be"])
assert.deepEqual([...driver.keyValueStore("seen").range()].map(({ key }) => key), ["be", "to"])
