/**
 * Joins with a global table, with null where it lacks the key.
 *
 * Kafka: `KStream.leftJoin(GlobalKTable)`.
 */
import assert from "node:assert/strict"
import { GlobalKTable, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const priced = Topic.make("priced", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(orders).pipe(
    KStream.leftJoin(GlobalKTable.from(prices), (_user, item) => item, (item, price) => `${item} for ${price ?? "?"}`),
    KStream.to(priced)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "ada", value: "gold" })
assert.deepEqual(driver.read(priced).map(({ value }) => value), ["gold for ?"])
