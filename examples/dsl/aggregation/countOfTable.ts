/**
 * Counts the rows of a table by a new key. A row that moves from one group to another is taken from the one and added to the
 * other; both go through a repartition topic. A null group leaves the row out.
 *
 * Kafka: `KTable.groupBy`, `KGroupedTable.count`.
 */
import assert from "node:assert/strict"
import { KGroupedTable, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const teams = Topic.make("teams", { key: Serde.string, value: Serde.string })
const sizes = Topic.make("sizes", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KTable.from(teams).pipe(
    KTable.groupBy((player, team) => [team, player], { key: Serde.string, value: Serde.string }),
    KGroupedTable.count(),
    KTable.toStream,
    KStream.to(sizes)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const key of ["ada", "bob"]) driver.pipe(teams, { key, value: "red" })
driver.pipe(teams, { key: "bob", value: "blue" })
assert.deepEqual(driver.readTable(sizes), new Map([["red", 1], ["blue", 1]]))
