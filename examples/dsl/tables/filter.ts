/**
 * Leaves out the keys whose value a predicate refuses (`filterNot`: accepts). A key that was in the result, and is not any
 * more, is deleted from it. With `as` the result has a store of its own, else it is asked from the table above.
 *
 * Kafka: `KTable.filter`, `KTable.filterNot`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const stock = Topic.make("stock", { key: Serde.string, value: Serde.long })
const scarce = Topic.make("scarce", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KTable.from(stock).pipe(
    KTable.filter((count) => count < 10, { as: "scarce" }),
    KTable.filterNot((count) => count === 0),
    KTable.toStream,
    KStream.to(scarce)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of [5, 0, 7, 50]) driver.pipe(stock, { key: "tea", value })
assert.deepEqual(driver.read(scarce).map(({ value }) => value), [5, null, 7, null])
