/**
 * Groups by the present key, on the way to an aggregation. Records without key are dropped when they are aggregated. If an
 * operator before it made a new key, records go through a repartition topic; else nothing moves.
 *
 * Kafka: `KStream.groupByKey`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(KStream.groupByKey, KGroupedStream.count(), KTable.toStream, KStream.to(counts))
)

const driver = TopologyTestDriver.make(topology)
for (const key of ["a", null, "a"]) driver.pipe(clicks, { key, value: "/home" })
assert.deepEqual(driver.readTable(counts), new Map([["a", 2]]))
assert.equal(driver.droppedRecords(), 1)
