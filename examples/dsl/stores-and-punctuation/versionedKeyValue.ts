/**
 * A store of values by time. A put gives until when the value is valid: `validToUndefined` for the latest, `notPut` if it was
 * older than the history.
 *
 * Kafka: `Stores.versionedKeyValueStoreBuilder`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const history = StateStore.versionedKeyValue({
  name: "history",
  key: Serde.string,
  value: Serde.long,
  historyRetention: 1000
})
const validTo: Array<number> = []
const topology = Topology.make(
  KStream.from(prices).pipe(
    KStream.process({
      stores: [history],
      init: (context) => ({ key, timestamp, value }) => {
        if (key !== null) validTo.push(context.getStateStore(history).put(key, value, timestamp))
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [5000, 4500, 10]) driver.pipe(prices, { key: "tea", value: timestamp, timestamp })
assert.deepEqual(validTo, [StateStore.validToUndefined, 5000, StateStore.notPut])
assert.equal(driver.versionedStore("history").get("tea", 4700)?.value, 4500)
