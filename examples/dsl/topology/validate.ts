/**
 * Finds everything that is wrong with a topology and that types cannot see, all at once, each with what to do. The more is
 * said, the more is seen: `applicationId` tells how internal topics are called, `partitions` whether topics that are joined
 * fit together. An app fails with the same when it starts.
 *
 * Kafka: `TopologyException`, the first of them.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.repartition({ partitions: 0, name: "none" })),
  KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" })),
  KTable.from(Topic.make("other", { key: Serde.string, value: Serde.string }), { as: "counts" }),
  KStream.from(Topic.make("notes", { key: Serde.string, value: Serde.string })).pipe(KStream.to(
    Topic.make("app-counts-changelog", { key: Serde.string, value: Serde.string })
  ))
)

const problems = Topology.validate(topology, {
  applicationId: "app",
  partitions: (topic) => topic === "notes" ? undefined : 3
})
assert.deepEqual(problems.map(({ reason, where }) => [reason, where]).sort(), [
  ["DuplicateName", "counts"],
  ["InternalTopic", "app-counts-changelog"],
  ["InvalidPartitions", "none"],
  ["UnknownTopic", "notes"]
])
assert.ok(problems.every(({ hint }) => hint.length > 0))
