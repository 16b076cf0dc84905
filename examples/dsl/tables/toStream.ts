/**
 * Takes a table's updates as a stream, `toStreamAs` under a name. A deletion is a record whose value is null. The type does not
 * say so: before functions that look at values, filter nulls out if the table deletes.
 *
 * Kafka: `KTable.toStream`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const updates = Topic.make("updates", { key: Serde.string, value: Serde.string })
const lengths = Topic.make("lengths", { key: Serde.string, value: Serde.long })
const table = KTable.from(places)
const topology = Topology.make(
  table.pipe(KTable.toStream, KStream.to(updates)),
  table.pipe(
    KTable.toStreamAs("updates-to-measure"),
    KStream.filter((place: string | null) => place !== null),
    KStream.mapValues((place) => place.length),
    KStream.to(lengths)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["London", null]) driver.pipe(places, { key: "ada", value })
assert.deepEqual(driver.read(updates).map(({ value }) => value), ["London", null])
assert.deepEqual(driver.read(lengths).map(({ value }) => value), [6])
