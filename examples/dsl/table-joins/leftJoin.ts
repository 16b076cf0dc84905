/**
 * Joins two tables as `join`, and keeps the keys that only the left one has, with null for the right value.
 *
 * Kafka: `KTable.leftJoin`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const known = Topic.make("known", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KTable.from(names).pipe(
    KTable.leftJoin(KTable.from(places), (name, place) => `${name} in ${place ?? "a place"}`),
    KTable.toStream,
    KStream.to(known)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(names, { key: "1", value: "Ada" })
driver.pipe(places, { key: "1", value: "London" })
assert.deepEqual(driver.read(known).map(({ value }) => value), ["Ada in a place", "Ada in London"])
