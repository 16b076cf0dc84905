/**
 * Joins each row of a table with the row of another to which it points: by a key that is found in its value (or key). A change
 * of either side emits. The result has the keys of the left table; a row whose foreign key is null, or points nowhere, is not
 * in it.
 *
 * Two internal topics carry it, so the tables may have different numbers of partitions; all serdes must be known.
 *
 * Kafka: `KTable.join(KTable, Function, ValueJoiner)`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Schema } from "effect"

const orders = Topic.make("orders", {
  key: Serde.string,
  value: Serde.json(Schema.Struct({ user: Schema.String, item: Schema.String }))
})
const users = Topic.make("users", { key: Serde.string, value: Serde.string })
const shipped = Topic.make("shipped", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KTable.from(orders).pipe(
    KTable.join(KTable.from(users), (order) => order.user, ({ item }, address) => `${item} to ${address}`),
    KTable.toStream,
    KStream.to(shipped)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "o-1", value: { user: "ada", item: "tea" } })
driver.pipe(users, { key: "ada", value: "London" })
driver.pipe(users, { key: "ada", value: "Paris" })
assert.deepEqual(driver.read(shipped).map(({ key, value }) => [key, value]), [
  ["o-1", "tea to London"],
  ["o-1", "tea to Paris"]
])
