/**
 * Gathers the values of a group of rows into something of another type. `remove` takes out what a row had before, `add` takes
 * in what it has now; null deletes the group.
 *
 * Kafka: `KGroupedTable.aggregate`.
 */
import assert from "node:assert/strict"
import { KGroupedTable, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const teams = Topic.make("teams", { key: Serde.string, value: Serde.string })
const members = Topic.make("members", { key: Serde.string, value: Serde.list(Serde.string) })
const topology = Topology.make(
  KTable.from(teams).pipe(
    KTable.groupBy((player, team) => [team, player], { key: Serde.string, value: Serde.string }),
    KGroupedTable.aggregate({
      initial: (): ReadonlyArray<string> => [],
      add: (players, player) => [...players, player],
      remove: (players, player) => players.filter((each) => each !== player),
      value: Serde.list(Serde.string)
    }),
    KTable.toStream,
    KStream.to(members)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(teams, { key: "ada", value: "red" })
driver.pipe(teams, { key: "bob", value: "red" })
driver.pipe(teams, { key: "ada", value: null })
assert.deepEqual(driver.readTable(members), new Map([["red", ["bob"]]]))
