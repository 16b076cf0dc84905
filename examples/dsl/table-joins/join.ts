/**
 * Joins two tables by their keys, in a table that follows both: a change of either emits. A key that one of them loses is
 * deleted from the result; so is one for which the function answers null. The result has the greater timestamp.
 *
 * Both must have equal numbers of partitions.
 *
 * Kafka: `KTable.join`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const known = Topic.make("known", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KTable.from(names).pipe(
    KTable.join(KTable.from(places), (name, place) => `${name} in ${place}`, { value: Serde.string, as: "known" }),
    KTable.toStream,
    KStream.to(known)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(names, { key: "1", value: "Ada", timestamp: 1 })
driver.pipe(places, { key: "1", value: "London", timestamp: 2 })
driver.pipe(names, { key: "1", value: null, timestamp: 3 })
assert.deepEqual(driver.read(known).map(({ value }) => value), ["Ada in London", null])
