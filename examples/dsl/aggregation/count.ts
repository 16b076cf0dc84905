/**
 * Counts the records of each key, in a table. A null value does not count. With `as` its store has a name, by which it is
 * queried, and after which its changelog is named.
 *
 * The table passes on each update in a test, in an app the newest of each key at a commit (see [caching](#tables-caching)).
 *
 * Kafka: `KGroupedStream.count`, `Materialized.as`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.count({ as: "clicks-per-user" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const key of ["ada", "bob", "ada"]) driver.pipe(clicks, { key, value: "/home" })
assert.deepEqual(driver.read(counts).map(({ key, value }) => [key, value]), [["ada", 1], ["bob", 1], ["ada", 2]])
assert.equal(driver.keyValueStore("clicks-per-user").get("ada")?.value, 2)
