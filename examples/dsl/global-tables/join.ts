/**
 * Joins each record of a stream with a table that every instance holds all of, by whatever key is made of the record: nothing
 * moves, partitions do not matter. A record for which the key is null, or not in the table, is dropped.
 *
 * An instance reads all of the table's topic before its tasks begin, and follows it from then on.
 *
 * Kafka: `StreamsBuilder.globalTable`, `KStream.join(GlobalKTable)`.
 */
import assert from "node:assert/strict"
import { GlobalKTable, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const priced = Topic.make("priced", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(orders).pipe(
    KStream.join(
      GlobalKTable.from(prices, { as: "prices" }),
      (_user, item) => item,
      (item, price) => `${item} for ${price}`
    ),
    KStream.to(priced)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(prices, { key: "tea", value: 3 })
for (const value of ["tea", "gold"]) driver.pipe(orders, { key: null, value })
assert.deepEqual(driver.read(priced).map(({ value }) => value), ["tea for 3"])
