/**
 * Groups by a new key, through a repartition topic. Records for which it is null are dropped. It needs the serde of the new
 * key, and that of the value if it is not known.
 *
 * Kafka: `KStream.groupBy`, `Grouped`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(lines).pipe(
    KStream.groupBy((_key, line) => line[0] ?? null, { key: Serde.string, name: "by-letter" }),
    KGroupedStream.count(),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", "", "that"]) driver.pipe(lines, { key: null, value })
assert.deepEqual(driver.readTable(counts), new Map([["t", 2]]))
