/**
 * Takes a stream as a table: the newest value of each key. Records without key are dropped, null values delete. If an operator
 * before it made a new key, records go through a repartition topic. It has a store if it is named with `as`, joined or grouped.
 *
 * Kafka: `KStream.toTable`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const moves = Topic.make("moves", { key: Serde.string, value: Serde.string })
const topology = Topology.make(KStream.from(moves).pipe(KStream.toTable({ as: "places" })))

const driver = TopologyTestDriver.make(topology)
driver.pipe(moves, { key: "ada", value: "London" })
driver.pipe(moves, { key: "ada", value: "Paris", timestamp: 5 })
assert.deepEqual(driver.keyValueStore("places").get("ada"), { value: "Paris", timestamp: 5 })
