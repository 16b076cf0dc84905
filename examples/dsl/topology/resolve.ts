/**
 * Gives a topology with final names, split into sub-topologies, as data: what an app runs, for tools that want to look at it.
 *
 * Kafka: `InternalTopologyBuilder`, which is not public.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"
import { Result } from "effect"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" })
  )
)

const resolved = Result.getOrThrow(Topology.resolve(topology, { applicationId: "word-count" }))
assert.equal(resolved.subTopologies.length, 2)
assert.deepEqual(resolved.changelogTopics.map(({ topic }) => topic), ["word-count-counts-changelog"])
