/**
 * Keeps what a table held before, for as long as the history: a look-up can name a time, and updates that come out of order
 * take their place. Updates older than the history are dropped. On disk, and not cached.
 *
 * Kafka: `Stores.persistentVersionedKeyValueStore` in `Materialized.as`.
 */
import assert from "node:assert/strict"
import { KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const topology = Topology.make(KTable.from(prices, { as: "prices", versioned: { historyRetention: "1 hour" } }))

const driver = TopologyTestDriver.make(topology)
driver.pipe(prices, { key: "tea", value: 3, timestamp: 100 })
driver.pipe(prices, { key: "tea", value: 5, timestamp: 300 })
driver.pipe(prices, { key: "tea", value: 4, timestamp: 200 })
const store = driver.versionedStore("prices")
assert.deepEqual([150, 250, 350].map((time) => store.get("tea", time)?.value), [3, 4, 5])
