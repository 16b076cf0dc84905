/**
 * Joins by a foreign key and keeps rows that point nowhere, with null for the right value. `partition` and `otherPartition` say
 * where the keys of the tables are, if another partitioner than the default one has written their topics.
 *
 * Kafka: `KTable.leftJoin(KTable, Function, ValueJoiner, TableJoined)`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const users = Topic.make("users", { key: Serde.string, value: Serde.string })
const shipped = Topic.make("shipped", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KTable.from(orders).pipe(
    KTable.leftJoin(KTable.from(users), (user) => user || null, (user, address) => `${user} at ${address}`, {
      name: "order-user",
      partition: (order, partitions) => order.length % partitions
    }),
    KTable.toStream,
    KStream.to(shipped)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "o-1", value: "ada" })
driver.pipe(users, { key: "ada", value: "London" })
driver.pipe(orders, { key: "o-2", value: "" })
assert.deepEqual(driver.readTable(shipped), new Map([["o-1", "ada at London"], ["o-2", " at null"]]))
