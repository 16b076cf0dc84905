/**
 * Joins as `streamJoin`, with null where the table lacks the key, or where the record has none.
 *
 * Kafka: `KStream.leftJoin(KTable)`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const named = Topic.make("named", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.leftJoin(KTable.from(names), (page, name) => `${name ?? "somebody"}: ${page}`),
    KStream.to(named)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const key of ["1", null]) driver.pipe(clicks, { key, value: "/home" })
assert.deepEqual(driver.read(named).map(({ key, value }) => [key, value]), [
  ["1", "somebody: /home"],
  [null, "somebody: /home"]
])
