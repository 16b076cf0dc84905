/**
 * Reads a topic as a table: the newest value of each key. Records without key are dropped, null values delete, so keys and
 * values are never null. It has a store if it is named with `as`, joined or grouped. With `optimization: "all"` its topic
 * serves as its changelog.
 *
 * Kafka: `StreamsBuilder.table`, `Materialized`.
 */
import assert from "node:assert/strict"
import { KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const topology = Topology.make(KTable.from(places, { as: "places", storeType: "memory" }))

const driver = TopologyTestDriver.make(topology)
driver.pipe(places, { key: "ada", value: "London" })
driver.pipe(places, { key: "bob", value: "Rome" })
driver.pipe(places, { key: "bob", value: null })
assert.deepEqual([...driver.keyValueStore("places").range()], [{ key: "ada", value: "London", timestamp: 0 }])
