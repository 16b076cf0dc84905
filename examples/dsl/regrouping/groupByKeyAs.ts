/**
 * Groups by the present key, with a name for the repartition topic, or with serdes where they are not known.
 *
 * Kafka: `KStream.groupByKey(Grouped)`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const totals = Topic.make("totals", { key: Serde.string, value: Serde.long })
const lengths = KStream.from(lines).pipe(
  KStream.selectKey((_key, line) => line[0] ?? null),
  KStream.mapValues((line) => line.length)
)
const topology = Topology.make(
  lengths.pipe(
    KStream.groupByKeyAs({ name: "by-letter", key: Serde.string, value: Serde.long }),
    KGroupedStream.reduce((a, b) => a + b),
    KTable.toStream,
    KStream.to(totals)
  ),
  KStream.from(lines).pipe(KStream.groupByKeyAs("lines"), KGroupedStream.count())
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", "that"]) driver.pipe(lines, { key: "a", value })
assert.deepEqual(driver.readTable(totals), new Map([["t", 6]]))
assert.ok(driver.takeProduced().some(({ topic }) => topic === "app-by-letter-repartition"))
