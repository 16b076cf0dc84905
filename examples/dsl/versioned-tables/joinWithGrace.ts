/**
 * Joins each record of a stream with what a versioned table held at the record's time. With `grace` records wait that long, in
 * a store, for the table to be told of what was before them; they leave in the order of their times. Both serdes of the stream
 * must be known.
 *
 * Kafka: `Joined.withGracePeriod`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const priced = Topic.make("priced", { key: Serde.string, value: Serde.string })
const history = KTable.from(prices, { as: "prices", versioned: { historyRetention: "1 hour" } })
const topology = Topology.make(
  KStream.from(orders).pipe(
    KStream.join(history, (order, price) => `${order} at ${price}`, { grace: 100 }),
    KStream.to(priced)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(prices, { key: "tea", value: 3, timestamp: 0 })
driver.pipe(orders, { key: "tea", value: "first", timestamp: 60 })
driver.pipe(prices, { key: "tea", value: 4, timestamp: 50 })
driver.pipe(orders, { key: "tea", value: "second", timestamp: 200 })
assert.deepEqual(driver.read(priced).map(({ value }) => value), ["first at 4"])
