/**
 * Sends a stream through a topic of its own, by its keys: with a number of partitions, or under a name. Records without key
 * are dropped. Both serdes must be known or given.
 *
 * Kafka: `KStream.repartition`, `Repartitioned`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { PartitionedTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const moved = Topic.make("moved", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.repartition({ name: "spread", partitions: 4 }), KStream.to(moved))
)

const driver = PartitionedTestDriver.make(topology, { partitions: { words: 1, moved: 4 } })
for (const key of ["a", "b", "c"]) driver.pipe(words, { key, value: key })
assert.deepEqual(driver.readAll(moved).map(({ key }) => key).sort(), ["a", "b", "c"])
assert.deepEqual(driver.assignment().get("instance-1"), ["0_0", "1_0", "1_1", "1_2", "1_3"])
