/**
 * Makes a new value for each key of a table; null leaves the key out. With `as` the result has a store of its own, else the
 * function is called again at each look-up.
 *
 * Kafka: `KTable.mapValues`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const places = Topic.make("places", { key: Serde.string, value: Serde.string })
const lengths = Topic.make("lengths", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KTable.from(places).pipe(
    KTable.mapValues((place) => place === "nowhere" ? null : place.length, { value: Serde.long, as: "lengths" }),
    KTable.toStream,
    KStream.to(lengths)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["London", "nowhere"]) driver.pipe(places, { key: "ada", value })
assert.deepEqual(driver.read(lengths).map(({ value }) => value), [6, null])
