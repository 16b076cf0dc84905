/**
 * Makes one value of the values of a group of rows. `remove` takes out what a row had before, `add` takes in what it has now;
 * null deletes the group. The first value of a group is its first result.
 *
 * Kafka: `KGroupedTable.reduce(adder, subtractor)`.
 */
import assert from "node:assert/strict"
import { KGroupedTable, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Schema } from "effect"

const salaries = Topic.make("salaries", {
  key: Serde.string,
  value: Serde.json(Schema.Struct({ team: Schema.String, amount: Schema.Int }))
})
const totals = Topic.make("totals", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KTable.from(salaries).pipe(
    KTable.groupBy((_name, { amount, team }) => [team, amount], { key: Serde.string, value: Serde.long }),
    KGroupedTable.reduce({ add: (sum, amount) => sum + amount, remove: (sum, amount) => sum - amount }),
    KTable.toStream,
    KStream.to(totals)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(salaries, { key: "ada", value: { team: "red", amount: 5 } })
driver.pipe(salaries, { key: "bob", value: { team: "red", amount: 4 } })
driver.pipe(salaries, { key: "ada", value: { team: "red", amount: 7 } })
assert.deepEqual(driver.readTable(totals), new Map([["red", 11]]))
