/**
 * Runs a topology with several partitions and instances, without a broker: records go where the default partitioner sends them,
 * tasks move when instances come and go, and their stores come back from changelogs.
 *
 * Kafka's test driver has one partition.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { PartitionedTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count(), KTable.toStream, KStream.to(counts))
)

const driver = PartitionedTestDriver.make(topology, {
  partitions: { words: 4, counts: 4 },
  instances: 2,
  processingGuarantee: "exactly_once"
})
driver.pipe(words, { key: "to", value: "" })
driver.crashInstance("instance-1")
driver.addInstance()
driver.pipe(words, { key: "to", value: "" })
assert.deepEqual([...driver.assignment()].map(([name, tasks]) => [name, tasks.length]), [
  ["instance-2", 2],
  ["instance-3", 2]
])
assert.deepEqual(driver.readTable(counts), new Map([["to", 2]]))
