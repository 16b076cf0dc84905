/**
 * Joins two tables and keeps the keys that either has, with null for the value that is missing.
 *
 * Kafka: `KTable.outerJoin`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const known = Topic.make("known", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KTable.from(names).pipe(
    KTable.outerJoin(KTable.from(places), (name, place) => `${name ?? "?"} in ${place ?? "?"}`),
    KTable.toStream,
    KStream.to(known)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(places, { key: "1", value: "London" })
driver.pipe(names, { key: "1", value: "Ada" })
assert.deepEqual(driver.read(known).map(({ value }) => value), ["? in London", "Ada in London"])
