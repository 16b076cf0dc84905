/**
 * Finds everything that is wrong with a topology and that types cannot see, all at once, each with what to do. An app fails with
 * the same when it starts.
 *
 * Kafka: `TopologyException`, the first of them.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.repartition({ partitions: 0, name: "none" })),
  KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" })),
  KTable.from(Topic.make("other", { key: Serde.string, value: Serde.string }), { as: "counts" })
)

const problems = Topology.validate(topology)
assert.deepEqual(problems.map(({ reason, where }) => [reason, where]).sort(), [
  ["DuplicateName", "counts"],
  ["InvalidPartitions", "none"]
])
assert.ok(problems.every(({ hint }) => hint.length > 0))
